/** Columns out of records that are read one by one: pictures, numbers, lists and text under names, in any order. */
import type { Origin } from '../../codecs/byte-source.ts';
import { malformed } from '../../codecs/byte-source.ts';
import type { Picture } from '../../codecs/pictures/picture.ts';
import type { Budget } from '../budget.ts';
import type { CommonWish } from '../dataset-format.ts';
import type { ImageSize } from '../pictures/decode-all.ts';
import { type ArrayCells, createArrayCells, isListedLabel, type Padding, paddingOf } from './array-cells.ts';
import { createScalarCells, type ScalarCells } from './cells.ts';
import type { ColumnName } from './choose-columns.ts';
import type { TableColumn } from './columns.ts';
import { createPictureCells, type PictureCells } from './picture-cells.ts';

export type CellValue =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'text'; readonly text: string }
  /** A single number is a list of one, until a longer list comes. Lists may be nested. */
  | { readonly kind: 'numbers'; readonly values: readonly unknown[] }
  /** Left out, or refused when it is asked for. */
  | { readonly kind: 'unusable'; readonly problem: string };

export interface ValueColumns {
  /** `place` names the record in errors. Throws the origin's code when a name is missing or of another kind than before. */
  add(record: ReadonlyMap<string, CellValue>, place: string): Promise<void>;
  /** By code point. */
  names(): ColumnName[];
  finish(): Promise<TableColumn[]>;
}

interface Wish extends CommonWish {
  readonly padding: Padding;
  readonly imageSize: ImageSize | undefined;
}

type Cells =
  | { readonly kind: 'pictures'; readonly cells: PictureCells }
  | { readonly kind: 'text'; readonly cells: ScalarCells }
  | { readonly kind: 'numbers'; singles: number[] | null; lists: ArrayCells | null }
  | { readonly kind: 'unusable'; readonly problem: string };

export function createValueColumns(wish: Wish, budget: Budget, origin: Origin): ValueColumns {
  const { padding, imageSize } = wish;
  const columns = new Map<string, Cells>();
  let rows = 0;

  const start = (name: string, value: CellValue): Cells => {
    if (value.kind === 'unusable') return value;
    if (value.kind === 'text') return { kind: 'text', cells: createScalarCells(name, budget, origin.name) };
    if (value.kind === 'numbers') return { kind: 'numbers', singles: [], lists: null };
    return { kind: 'pictures', cells: createPictureCells(name, imageSize, budget, origin.name) };
  };

  const addNumbers = (name: string, column: Extract<Cells, { kind: 'numbers' }>, values: readonly unknown[]) => {
    const [only] = values;
    if (column.singles !== null && values.length === 1 && typeof only === 'number') {
      budget.take(Float64Array.BYTES_PER_ELEMENT, origin.name);
      column.singles.push(only);
      return;
    }
    const own = paddingOf(name, isListedLabel(name, wish), padding, wish);
    column.lists ??= createArrayCells(name, null, own, budget, origin.name);
    for (const single of column.singles ?? []) column.lists.add([single]);
    column.singles = null;
    column.lists.add(values);
  };

  const put = async (name: string, value: CellValue, place: string): Promise<void> => {
    let column = columns.get(name);
    if (column === undefined) {
      if (rows > 0) malformed(origin, `${place} holds ${JSON.stringify(name)}, which the records before it lack`);
      column = start(name, value);
      columns.set(name, column);
    }
    if (column.kind === 'unusable') return;
    if (column.kind === 'pictures' && value.kind === 'encoded') return column.cells.add(value.bytes, place);
    if (column.kind === 'pictures' && value.kind === 'picture') return column.cells.put(value.picture, place);
    if (column.kind === 'text' && value.kind === 'text') return column.cells.text(value.text);
    if (column.kind === 'numbers' && value.kind === 'numbers') return addNumbers(name, column, value.values);
    malformed(
      origin,
      `${place}: ${JSON.stringify(name)} holds ${describe(value)}, in records before it ${column.kind}`,
    );
  };

  const finishColumn = async ([name, column]: [string, Cells]): Promise<TableColumn> => {
    if (column.kind === 'unusable') return { kind: 'unusable', name, rows, problem: column.problem };
    if (column.kind === 'pictures' || column.kind === 'text') return column.cells.finish();
    if (column.lists !== null) return column.lists.finish();
    const cells = createScalarCells(name, budget, origin.name);
    for (const value of column.singles ?? []) {
      if (Number.isNaN(value)) cells.missing();
      else cells.number(value);
    }
    return cells.finish();
  };

  const sorted = () => [...columns].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    async add(record, place) {
      for (const name of columns.keys())
        if (!record.has(name))
          malformed(origin, `${place} lacks ${JSON.stringify(name)}, which the records before it hold`);
      for (const [name, value] of record) await put(name, value, place);
      rows++;
    },
    names: () =>
      sorted().map(([name, column]) => ({
        name,
        isArray: column.kind === 'pictures' || (column.kind === 'numbers' && column.lists !== null),
      })),
    async finish() {
      const finished: TableColumn[] = [];
      for (const entry of sorted()) finished.push(await finishColumn(entry));
      return finished;
    },
  };
}

const describe = ({ kind }: CellValue) =>
  kind === 'encoded' || kind === 'picture' ? 'pictures' : kind === 'unusable' ? 'what is not read' : kind;
