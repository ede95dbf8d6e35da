/** Columns out of records whose members may come in any order: JSON objects. */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import { AppError } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import type { CommonWish } from '../dataset-format.ts';
import { type ArrayCells, createArrayCells, isListedLabel, type Padding, paddingOf } from './array-cells.ts';
import { createScalarCells, type ScalarCells } from './cells.ts';
import type { ChosenColumns } from './choose-columns.ts';
import type { ChooseSame } from './choose-same.ts';
import type { TableColumn } from './columns.ts';

export interface RecordWish extends CommonWish {
  readonly padding: Padding;
  readonly choose: ChooseSame;
}

export interface RecordColumns {
  /** Adds one object; `place` names it in errors. */
  add(record: unknown, place: string): void;
  /** Adds the arrays of one object, a sample an element. */
  addColumns(document: unknown): void;
  finish(): { columns: (TableColumn | null)[]; chosen: ChosenColumns; notes: readonly string[] };
}

interface Cells {
  readonly scalars: ScalarCells;
  arrays: ArrayCells | null;
  /** Objects and the like; counted as rows all the same. */
  problem: string | null;
  rows: number;
}

export function createRecordColumns(wish: RecordWish, budget: Budget, origin: Origin): RecordColumns {
  const columns = new Map<string, Cells>();
  let rows = 0;

  const cellsOf = (name: string): Cells => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    if (columns.size >= 100_000) malformed(origin, 'the objects have more than 100000 different members');
    const cells: Cells = {
      scalars: createScalarCells(name, budget, origin.name),
      arrays: null,
      problem: null,
      rows: 0,
    };
    columns.set(name, cells);
    return cells;
  };

  /** Rows in which the member was missing so far. */
  const catchUp = (cells: Cells, to: number) => {
    for (; cells.rows < to; cells.rows++) {
      if (cells.arrays === null) cells.scalars.missing();
      else cells.arrays.missing();
    }
  };

  const put = (name: string, value: unknown) => {
    const cells = cellsOf(name);
    catchUp(cells, rows);
    cells.rows++;
    if (Array.isArray(value)) {
      if (cells.arrays === null && cells.rows > 1)
        cells.problem ??= 'holds lists in some records and other values in others';
      cells.arrays ??= createArrayCells(
        name,
        null,
        paddingOf(name, isListedLabel(name, wish), wish.padding, wish),
        budget,
        origin.name,
      );
      return cells.arrays.add(value);
    }
    if (cells.arrays !== null) cells.problem ??= 'holds lists in some records and other values in others';
    else if (typeof value === 'number') cells.scalars.number(value);
    else if (typeof value === 'string') cells.scalars.text(value);
    else if (typeof value === 'boolean') cells.scalars.text(value ? 'True' : 'False');
    else if (value === null) cells.scalars.missing();
    else cells.problem ??= 'holds objects: write each of their members as one of the record';
  };

  const finishColumn = ([name, cells]: [string, Cells]): TableColumn => {
    catchUp(cells, rows);
    if (cells.problem !== null) return { kind: 'unusable', name, rows, problem: cells.problem };
    return cells.arrays?.finish() ?? cells.scalars.finish();
  };

  return {
    add(record, place) {
      if (typeof record !== 'object' || record === null || Array.isArray(record))
        return malformed(origin, `${place} is no object with a member for each column`);
      for (const [name, value] of Object.entries(record)) put(name, value);
      rows++;
    },
    addColumns(document) {
      const lists = Object.entries(document as Record<string, unknown>).filter(([, value]) => Array.isArray(value)) as [
        string,
        unknown[],
      ][];
      const [first, ...others] = lists;
      if (first === undefined)
        return malformed(
          origin,
          'is a JSON object without arrays; give { "x": [...], "y": [...] }, an array of objects, or an object a line',
        );
      const length = first[1].length;
      const other = others.find(([, values]) => values.length !== length);
      if (other) malformed(origin, `"${first[0]}" holds ${length} samples, "${other[0]}" holds ${other[1].length}`);
      for (let row = 0; row < length; row++) {
        for (const [name, values] of lists) put(name, values[row]);
        rows++;
      }
    },
    finish() {
      if (rows === 0) throw new AppError('DATASET_INVALID', `${origin.name}: holds no samples: it has no rows`);
      const names = [...columns].map(([name, cells]) => ({ name, isArray: cells.arrays !== null }));
      const chosen = wish.choose(names, wish, origin.name);
      return { columns: [...columns].map(finishColumn), chosen, notes: chosen.notes };
    },
  };
}
