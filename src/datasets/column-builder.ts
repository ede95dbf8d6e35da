/** Collects rows into a column when their number is not known beforehand; memory is taken from the budget a block at a time. */
import { arrays, type Elements, type Storage } from '../codecs/elements.ts';
import { sizeOf } from '../ndarray.ts';
import type { Budget } from './budget.ts';
import { type Chunk, type Column, createColumn } from './column.ts';

export interface ColumnBuilder {
  /** Rows so far. */
  rows(): number;
  /** Appends one row of `rowSize` numbers, or several; numbers must fit the storage, which is the caller's check. */
  append(values: ArrayLike<number>): void;
  /** The column. Nothing may be appended afterwards. */
  finish(): Column;
}

/** Elements of a block: about 4 MiB of float32. */
const blockElements = 2 ** 20;

/** `what` names the file in the error of a budget that is used up. */
export function createColumnBuilder(
  rowShape: readonly number[],
  storage: Storage,
  budget: Budget,
  what: string,
): ColumnBuilder {
  const rowSize = sizeOf(rowShape);
  const rowsPerBlock = Math.max(1, Math.floor(blockElements / Math.max(1, rowSize)));
  const fullLength = rowsPerBlock * rowSize;
  const { BYTES_PER_ELEMENT: width } = arrays[storage];
  const chunks: Chunk[] = [];
  let block: Elements = new arrays[storage](0);
  let place: 'memory' | 'disk' = 'memory';
  let filled = 0;
  let rows = 0;

  /** The filled part of the block becomes a chunk. */
  const close = (data: Elements) => {
    if (data.length > 0) chunks.push(place === 'disk' ? budget.store(data, what) : data);
    filled = 0;
  };

  const openBlock = () => {
    // The first block may hold all of a small dataset: it grows by doubling instead.
    const length = chunks.length === 0 ? Math.min(fullLength, 64 * rowSize) : fullLength;
    const next = budget.place(length * width, what);
    // What is on disk needs no memory of its own.
    block = next === 'disk' && place === 'disk' && block.length === length ? block : new arrays[storage](length);
    place = next;
  };

  const grow = () => {
    const length = Math.min(block.length * 2, fullLength);
    if (place === 'memory') place = budget.place((length - block.length) * width, what);
    const grown = new arrays[storage](length);
    grown.set(block);
    block = grown;
  };

  const appendRow = (values: ArrayLike<number>) => {
    if (filled === block.length) {
      if (block.length > 0 && block.length < fullLength) grow();
      else {
        close(block);
        openBlock();
      }
    }
    block.set(values, filled);
    filled += rowSize;
    rows++;
  };

  const appendRows = (values: ArrayLike<number>) => {
    for (let at = 0; at < values.length; at += rowSize) {
      appendRow(
        values instanceof Float32Array || values instanceof Uint8Array
          ? values.subarray(at, at + rowSize)
          : Array.prototype.slice.call(values, at, at + rowSize),
      );
    }
  };

  return {
    rows: () => rows,
    append(values) {
      if (rowSize === 0) rows++;
      else if (values.length === rowSize) appendRow(values);
      else appendRows(values);
    },
    finish() {
      close(filled === block.length ? block : block.slice(0, filled));
      return { ...createColumn(rowShape, chunks), rows };
    },
  };
}
