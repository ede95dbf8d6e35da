/** One array of samples in its compact type: whole, or in blocks when the number of rows is known only at the end. */
import { arrays, type Elements, type Storage } from '../codecs/elements.ts';
import { sizeOf } from '../ndarray.ts';

export interface Block {
  /** Row of the column that the block begins with. */
  readonly start: number;
  readonly rows: number;
  readonly data: Elements;
}

export interface Column {
  /** Shape of one row; [] for one number. */
  readonly rowShape: readonly number[];
  readonly rowSize: number;
  readonly rows: number;
  readonly blocks: readonly Block[];
}

/** Joins arrays of whole rows; nothing is copied. */
export function createColumn(rowShape: readonly number[], parts: readonly Elements[]): Column {
  const rowSize = sizeOf(rowShape);
  const blocks: Block[] = [];
  let start = 0;
  for (const data of parts) {
    const rows = rowSize === 0 ? 0 : data.length / rowSize;
    blocks.push({ start, rows, data });
    start += rows;
  }
  return { rowShape, rowSize, rows: start, blocks };
}

/** The column of an array whose first axis is the sample. */
export function columnOf(shape: readonly number[], data: Elements): Column {
  const [rows = 1, ...rowShape] = shape;
  return { rowShape, rowSize: sizeOf(rowShape), rows, blocks: [{ start: 0, rows, data }] };
}

/** The type that a column is kept in; float32 for one without rows. */
export function storageOf({ blocks }: Column): Storage {
  const data = blocks[0]?.data;
  const found = Object.entries(arrays).find(([, array]) => data instanceof array);
  return (found?.[0] as Storage | undefined) ?? 'float32';
}

/** The block that holds `row`. */
export function blockOf(column: Column, row: number): Block {
  let low = 0;
  let high = column.blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((column.blocks[middle] as Block).start <= row) low = middle;
    else high = middle - 1;
  }
  return column.blocks[low] as Block;
}

/** Calls `visit` with the data of every row and the place where it begins; all rows, or those listed. */
export function forEachRow(
  column: Column,
  rows: Int32Array | null,
  visit: (data: Elements, at: number, row: number) => void,
): void {
  const count = rows === null ? column.rows : rows.length;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : (rows[i] as number);
    const { data, start } = blockOf(column, row);
    visit(data, (row - start) * column.rowSize, row);
  }
}
