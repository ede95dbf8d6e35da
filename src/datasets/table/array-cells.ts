/** Collects the lists of one column, nested or not: all of one shape, or padded to one length where that is asked for. */
import type { Storage } from '../../codecs/elements.ts';
import { sizeOf } from '../../ndarray.ts';
import type { Budget } from '../budget.ts';
import { convertColumn } from '../column.ts';
import { type ColumnBuilder, createColumnBuilder } from '../column-builder.ts';
import { type CommonWish, type Role, targetNames } from '../dataset-format.ts';
import type { ArrayColumn, UnusableColumn } from './columns.ts';

export interface Padding {
  /** Length of every list; null: they must have one. */
  readonly padTo: number | null;
  readonly padValue: number;
}

/** What fills up the lists of a column: where a label is filled up there is none (`ignoreLabel`, else the usual -100), and a mask says so too. */
export function paddingOf(name: string, isLabel: boolean, padding: Padding, wish: CommonWish): Padding {
  if (name === wish.mask) return { ...padding, padValue: 0 };
  return isLabel ? { ...padding, padValue: wish.ignoreLabel ?? -100 } : padding;
}

/** True for the column of the labels by its name, where columns are collected before they are chosen. */
export const isListedLabel = (name: string, wish: CommonWish): boolean =>
  targetNames(wish)?.includes(name) ?? /^(labels?|targets?|y)$/i.test(name);

export interface ArrayCells {
  /** A list of numbers, of booleans, or of lists. */
  add(value: unknown): void;
  missing(): void;
  rows(): number;
  finish(): ArrayColumn | UnusableColumn;
}

/** `storage` null: float32, or int32 when all numbers turn out to be whole. */
export function createArrayCells(
  name: string,
  storage: Storage | null,
  { padTo, padValue }: Padding,
  budget: Budget,
  what: string,
): ArrayCells {
  let builder: ColumnBuilder | null = null;
  let shape: readonly number[] = [];
  let flat = new Float64Array(0);
  let rows = 0;
  let isWhole = true;
  let problem: string | null = null;
  const lengths = { min: Number.POSITIVE_INFINITY, max: 0 };

  const start = (value: unknown) => {
    const own = shapeOf(value);
    shape = padTo !== null && own.length === 1 ? [padTo] : own;
    flat = new Float64Array(sizeOf(shape));
    builder = createColumnBuilder(shape, storage ?? 'float32', budget, what);
  };

  const take = (value: unknown): string | null => {
    if (!isList(value)) return `holds ${describe(value)} where others hold lists`;
    lengths.min = Math.min(lengths.min, value.length);
    lengths.max = Math.max(lengths.max, value.length);
    if (builder === null) {
      if (shapeOf(value).length > maxRank) return `holds lists nested deeper than ${maxRank}`;
      start(value);
    }
    if (padTo !== null && shape.length === 1) flat.fill(padValue);
    const wanted = padTo !== null && shape.length === 1 ? value.slice(0, padTo) : value;
    const failed = flatten(wanted, padTo !== null && shape.length === 1 ? [wanted.length] : shape, flat, 0);
    if (failed !== null) return failed;
    if (isWhole) isWhole = flat.every(Number.isInteger);
    if (storage === 'int32' && flat.some((number) => number !== (number | 0)))
      return 'holds whole numbers that do not fit 32 bits (ids, hashes?): leave it out by the option "inputs"';
    if (isWhole && storage === null && flat.some((number) => Math.abs(number) > 2 ** 24))
      return 'holds whole numbers beyond 2^24, which float32 cannot tell apart';
    return null;
  };

  return {
    rows: () => rows,
    missing() {
      problem ??= `has missing values, the first in row ${rows + 1}: fill them in or remove the rows`;
      rows++;
    },
    add(value) {
      // What failed once is only counted on, so that the message has all lengths.
      const failed = take(value);
      problem ??= failed;
      if (problem === null) builder?.append(flat);
      rows++;
    },
    finish() {
      if (lengths.min < lengths.max && problem !== null && shape.length === 1 && padTo === null)
        problem = `holds lists of different lengths (${lengths.min} to ${lengths.max}): pad them to one length, or set the options "padTo" (such as ${lengths.max}) and "padValue"`;
      if (problem !== null || builder === null)
        return { kind: 'unusable', name, rows, problem: problem ?? 'holds no lists' };
      const column = builder.finish();
      const isBytes = storage === 'uint8';
      const isIds = isWhole && !isBytes && shape.length < 3 && (storage === null || storage === 'int32');
      const role: Role = shape.length === 3 || isBytes ? 'image' : isIds ? 'ids' : 'values';
      const asIds = isIds ? convertColumn(column, 'int32') : column;
      return { kind: 'arrays', name, rows, column: asIds, role, range: isBytes ? [0, 255] : null, isWhole };
    },
  };
}

type List = ArrayLike<unknown> & { slice(start: number, end: number): List };
/** Lists in lists in lists are pictures; cells have no more axes than this. */
const maxRank = 8;

const isList = (value: unknown): value is List =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

const describe = (value: unknown) => (value === null || value === undefined ? 'a missing value' : `a ${typeof value}`);

/** The first axes of nested lists; those that are nested deeper do not fit their shape. */
function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let list = value; isList(list) && shape.length <= maxRank; list = list[0]) shape.push(list.length);
  return shape;
}

/** Writes the numbers of nested lists in order. Returns what is wrong, null when nothing is. */
function flatten(value: unknown, shape: readonly number[], target: Float64Array, at: number): string | null {
  if (!isList(value) || value.length !== shape[0])
    return `holds lists of different lengths: ${shape[0]} and ${isList(value) ? value.length : 'none'}`;
  const inner = shape.slice(1);
  const step = sizeOf(inner);
  for (let i = 0; i < value.length; i++) {
    const element: unknown = value[i];
    if (inner.length > 0) {
      const failed = flatten(element, inner, target, at + i * step);
      if (failed !== null) return failed;
      continue;
    }
    const number = typeof element === 'bigint' || typeof element === 'boolean' ? Number(element) : element;
    if (typeof element === 'string')
      return 'holds lists of texts: turn them into ids with the tokenizer of the model, or leave them out by the option "inputs"';
    if (typeof number !== 'number') return `holds ${describe(element)} in a list of numbers`;
    target[at + i] = number;
  }
  return null;
}
