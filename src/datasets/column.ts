/** One array of samples in its compact type, which all blocks have: whole, or in blocks when the number of rows is known only at the end; in memory, or on disk beyond its limit. */
import { convertElements, type Elements, type Storage, storageOfElements } from '../codecs/elements.ts';
import { sizeOf } from '../ndarray.ts';
import type { StoredElements } from './spill.ts';

/** Elements in memory, or on disk. */
export type Chunk = Elements | StoredElements;

export interface Block {
  /** Row of the column that the block begins with. */
  readonly start: number;
  readonly rows: number;
  readonly chunk: Chunk;
  /** Those on disk are read anew, as a whole. */
  readonly data: Elements;
}

export interface Column {
  /** Shape of one row; [] for one number. */
  readonly rowShape: readonly number[];
  readonly rowSize: number;
  readonly rows: number;
  readonly blocks: readonly Block[];
}

export const elementsOf = (chunk: Chunk): Elements => (ArrayBuffer.isView(chunk) ? chunk : chunk.read());

const createBlock = (start: number, rows: number, chunk: Chunk): Block => ({
  start,
  rows,
  chunk,
  get data() {
    return elementsOf(chunk);
  },
});

/** Joins arrays of whole rows; nothing is copied. */
export function createColumn(rowShape: readonly number[], chunks: readonly Chunk[]): Column {
  const rowSize = sizeOf(rowShape);
  const blocks: Block[] = [];
  let start = 0;
  for (const chunk of chunks) {
    const rows = rowSize === 0 ? 0 : chunk.length / rowSize;
    blocks.push(createBlock(start, rows, chunk));
    start += rows;
  }
  return { rowShape, rowSize, rows: start, blocks };
}

/** The column of an array whose first axis is the sample. */
export function columnOf(shape: readonly number[], data: Elements): Column {
  const [rows = 1, ...rowShape] = shape;
  return { rowShape, rowSize: sizeOf(rowShape), rows, blocks: [createBlock(0, rows, data)] };
}

/** The type that a column is kept in; float32 for one without rows. */
export function storageOf({ blocks }: Column): Storage {
  const chunk = blocks[0]?.chunk;
  if (chunk === undefined) return 'float32';
  return ArrayBuffer.isView(chunk) ? storageOfElements(chunk) : chunk.storage;
}

/** The same numbers in another type, of which the caller knows that it holds them; those on disk are converted when they are read. */
export function convertColumn(column: Column, storage: Storage): Column {
  const chunks = column.blocks.map(({ chunk }) =>
    ArrayBuffer.isView(chunk) ? convertElements(chunk, storage) : chunk.as(storage),
  );
  return { ...createColumn(column.rowShape, chunks), rows: column.rows };
}

/** The block that holds `row`. */
function blockOf(column: Column, row: number): Block {
  let low = 0;
  let high = column.blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((column.blocks[middle] as Block).start <= row) low = middle;
    else high = middle - 1;
  }
  return column.blocks[low] as Block;
}

/** The elements of one row: they begin at `at` of `data`. Of what lies on disk only they are read. */
export function rowOf(column: Column, row: number): { readonly data: Elements; readonly at: number } {
  const { chunk, start } = blockOf(column, row);
  const at = (row - start) * column.rowSize;
  if (ArrayBuffer.isView(chunk)) return { data: chunk, at };
  return { data: chunk.slice(at, at + column.rowSize), at: 0 };
}

/** Calls `visit` with the data of every row and the place where it begins; all rows, or those listed, in ascending order. */
export function forEachRow(
  column: Column,
  rows: Int32Array | null,
  visit: (data: Elements, at: number, row: number) => void,
): void {
  const count = rows === null ? column.rows : rows.length;
  let block: Block | null = null;
  let data: Elements = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : (rows[i] as number);
    if (block === null || row < block.start || row >= block.start + block.rows) {
      block = blockOf(column, row);
      data = block.data;
    }
    visit(data, (row - block.start) * column.rowSize, row);
  }
}
