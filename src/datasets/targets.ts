/** What the targets of a file mean, and that they can be learned from: class ids of more than one class, or finite values. */
import { type Column, createColumn, forEachRow } from './column.ts';
import type { RawDataset } from './dataset-format.ts';
import { type ClassLabels, refuse, toClassLabels } from './labels.ts';
import type { CompleteOptions } from './options.ts';

export type OneTarget =
  | ClassLabels
  | {
      readonly kind: 'values';
      readonly column: Column;
      /** True when every number is 0 or 1. */
      readonly isBinary: boolean;
      readonly note: string | null;
    };

/** Those of one output, or of each output of a model with several. */
export type Targets = OneTarget | SeveralTargets;

export interface SeveralTargets {
  readonly kind: 'several';
  readonly parts: readonly (OneTarget & { readonly name: string })[];
  readonly note: string | null;
}

/** Output by output. */
export const partsOf = (targets: Targets): readonly OneTarget[] =>
  targets.kind === 'several' ? targets.parts : [targets];

type Wish = Pick<CompleteOptions, 'classes' | 'ignoreLabel'> & { readonly targets: 'auto' | 'classes' | 'values' };

/** The targets, whose numbers are finite. Throws DATASET_INVALID and DATASET_AMBIGUOUS naming the file, as `label`, and the sample. */
export function resolveTargets(raw: RawDataset, wish: Wish, label: string): OneTarget {
  const { targets } = raw;
  if (targets.names !== null) {
    if (wish.targets === 'values')
      refuse(`${label}: "${targets.name}" holds names; names are classes, not values to regress`);
    return toClassLabels(raw, wish, label);
  }
  if (wish.targets === 'values') return { kind: 'values', column: targets.column, isBinary: false, note: null };
  if (targets.column.rowSize === 1) {
    if (wish.targets === 'auto' && !targets.integer) return values(targets.column);
    return toClassLabels({ ...raw, targets: { ...targets, column: flat(targets.column) } }, wish, label);
  }
  const labels = oneHotLabels(targets.column);
  if (labels !== null) {
    const classes = wish.classes ?? targets.classNames?.length ?? targets.column.rowSize;
    const ids = {
      ...targets,
      classNames: targets.classNames ?? targets.elementNames ?? null,
      column: createColumn([], [labels]),
    };
    return {
      ...toClassLabels({ ...raw, targets: ids }, { ...wish, classes }, label),
      note: 'One-hot rows became class ids.',
    };
  }
  // A list of 0 and 1 for each sample says which of several labels apply; a mask of 0 and 1 has a class at every position.
  const isPerPosition = targets.integer && !(targets.column.rowShape.length === 1 && isBinary(targets.column));
  if (wish.targets === 'classes' || isPerPosition) return toClassLabels(perPosition(raw), wish, label);
  return values(targets.column);
}

/** Masks [h, w, 1] are masks [h, w]. */
function perPosition(raw: RawDataset): RawDataset {
  const { column } = raw.targets;
  if (column.rowShape.length < 3 || column.rowShape.at(-1) !== 1) return raw;
  return { ...raw, targets: { ...raw.targets, column: { ...column, rowShape: column.rowShape.slice(0, -1) } } };
}

/** One number a sample, however many axes of one element it has. */
const flat = (column: Column): Column => ({ ...column, rowShape: [] });

function values(column: Column): OneTarget {
  const areBinary = isBinary(column);
  return { kind: 'values', column, isBinary: areBinary, note: valuesNote(column, areBinary) };
}

/** What is taken for granted of numbers that may be meant as classes. */
function valuesNote(column: Column, areBinary: boolean): string | null {
  if (areBinary)
    return 'All targets are 0 or 1, stored as numbers: they are taken as labels that apply or not (sigmoid-cross-entropy), not as values to regress.';
  const areWhole = column.rowSize === 1 && column.blocks.every(({ data }) => data.every(Number.isInteger));
  if (!areWhole) return null;
  return 'All targets are whole numbers stored as floats: they are taken as values to regress; set the option "targets" to "classes" if they are classes.';
}

const isBinary = (column: Column) =>
  column.blocks.every(({ data }) => data.every((value) => value === 0 || value === 1));

/** Null unless every row is one 1 among zeros. */
function oneHotLabels(column: Column): Int32Array | null {
  const labels = new Int32Array(column.rows);
  let exact = column.rowShape.length === 1;
  forEachRow(column, null, (data, at, row) => {
    let ones = 0;
    for (let i = 0; i < column.rowSize; i++) {
      const value = data[at + i];
      if (value === 1) {
        labels[row] = i;
        ones++;
      } else if (value !== 0) exact = false;
    }
    exact &&= ones === 1;
  });
  return exact ? labels : null;
}
