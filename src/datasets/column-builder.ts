/** Collects rows into a column when their number is not known beforehand; memory is taken from the budget a block at a time. */
import { arrays, type Elements, type Storage } from '../codecs/elements.ts';
import { sizeOf } from '../ndarray.ts';
import type { Budget } from './budget.ts';
import { type Column, createColumn } from './column.ts';

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
  const blocks: Elements[] = [];
  let filled = 0;
  let rows = 0;

  const addBlock = () => {
    const length = rowsPerBlock * rowSize;
    // The first block may hold all of a small dataset: it grows by doubling instead.
    const elements = blocks.length === 0 ? Math.min(length, 64 * rowSize) : length;
    budget.take(elements * arrays[storage].BYTES_PER_ELEMENT, what);
    blocks.push(new arrays[storage](elements));
    filled = 0;
  };

  const growFirst = () => {
    const before = blocks[0] as Elements;
    const length = Math.min(before.length * 2, rowsPerBlock * rowSize);
    budget.take((length - before.length) * before.BYTES_PER_ELEMENT, what);
    const grown = new arrays[storage](length);
    grown.set(before);
    blocks[0] = grown;
  };

  const appendRow = (values: ArrayLike<number>) => {
    const block = blocks.at(-1);
    if (block === undefined || (filled === block.length && block.length === rowsPerBlock * rowSize)) addBlock();
    else if (filled === block.length) growFirst();
    (blocks.at(-1) as Elements).set(values, filled);
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
      const last = blocks.pop();
      if (last !== undefined) blocks.push(last.slice(0, filled));
      return { ...createColumn(rowShape, blocks), rows };
    },
  };
}
