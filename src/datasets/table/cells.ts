/** Collects the cells of one column, whatever they turn out to be: numbers, names, or text that is neither. Nothing is refused here: an error about a table names all of its columns. */
import type { Budget } from '../budget.ts';
import { type Chunk, elementsOf } from '../column.ts';

/** Rows of a chunk; the chunks of all columns of a table have the same rows. */
export const chunkRows = 2 ** 14;
/** More different texts than this are no names of classes. */
const maxNames = 100_000;
const maxNameCharacters = 2 ** 24;

export interface Seen {
  readonly count: number;
  /** Row of the table, from 0, of the first one. */
  readonly first: number;
  readonly example: string;
}

/** A column of single cells. */
export interface ScalarColumn {
  readonly kind: 'numbers' | 'names' | 'text';
  readonly name: string;
  readonly rows: number;
  /** Numbers, or positions in `names`; NaN where a cell is missing. All chunks but the last have `chunkRows` rows. */
  readonly chunks: Chunk[];
  readonly isWhole: boolean;
  /** Distinct texts; of kind 'names' only. */
  readonly names: readonly string[];
  readonly missing: Seen | null;
  /** The first cell that is text. */
  readonly text: Seen | null;
  /** The first whole number that float32 rounds. */
  readonly inexact: Seen | null;
}

export interface ScalarCells {
  number(value: number): void;
  /** `example` is how the file writes it. */
  text(value: string): void;
  /** `written` is how the file marks it: '?', 'NA'; left out where it is empty. */
  missing(written?: string): void;
  finish(): ScalarColumn;
}

const seen = (before: Seen | null, first: number, example: string): Seen =>
  before === null ? { count: 1, first, example } : { ...before, count: before.count + 1 };

export function createScalarCells(name: string, budget: Budget, what: string): ScalarCells {
  const chunks: Chunk[] = [];
  let chunk = new Float32Array(0);
  let place: 'memory' | 'disk' = 'memory';
  let filled = 0;
  let rows = 0;
  let isWhole = true;
  let missing: Seen | null = null;
  let text: Seen | null = null;
  let inexact: Seen | null = null;
  /** Null once there are too many texts. */
  let positions: Map<string, number> | null = new Map();
  let characters = 0;

  const put = (value: number) => {
    if (filled === chunk.length) {
      if (place === 'disk') chunks[chunks.length - 1] = budget.store(chunk, what);
      place = budget.place(chunkRows * Float32Array.BYTES_PER_ELEMENT, what);
      chunk = new Float32Array(chunkRows);
      chunks.push(chunk);
      filled = 0;
    }
    chunk[filled++] = value;
    rows++;
  };

  const positionOf = (value: string): number => {
    const known = positions?.get(value);
    if (known !== undefined || positions === null) return known ?? 0;
    const next = positions.size;
    characters += value.length;
    if (next >= maxNames || characters > maxNameCharacters) positions = null;
    else positions.set(value, next);
    return next;
  };

  /** What were numbers so far are names, since a text came. */
  const turnIntoNames = () => {
    let left = rows;
    for (const [at, stored] of chunks.entries()) {
      const values = elementsOf(stored);
      for (let i = 0; i < Math.min(left, chunkRows); i++)
        if (!Number.isNaN(values[i])) values[i] = positionOf(String(values[i]));
      if (!ArrayBuffer.isView(stored)) chunks[at] = budget.store(values, what);
      left -= chunkRows;
    }
  };

  return {
    number(value) {
      if (text !== null) return put(positionOf(String(value)));
      if (isWhole && !Number.isInteger(value)) isWhole = false;
      else if (isWhole && Math.abs(value) > 2 ** 24 && Math.fround(value) !== value)
        inexact = seen(inexact, rows, String(value));
      put(value);
    },
    text(value) {
      if (text === null) turnIntoNames();
      text = seen(text, rows, value);
      put(positionOf(value));
    },
    missing(written = '') {
      missing = seen(missing, rows, written);
      put(Number.NaN);
    },
    finish() {
      if (chunks.pop() !== undefined) chunks.push(chunk.slice(0, filled));
      const kind = text === null ? 'numbers' : positions === null ? 'text' : 'names';
      return {
        kind,
        name,
        rows,
        chunks,
        isWhole: isWhole && text === null,
        names: [...(positions?.keys() ?? [])],
        missing,
        text,
        inexact,
      };
    },
  };
}
