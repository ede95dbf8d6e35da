/** What the targets of a file mean, and that they can be learned from: class ids in range and of more than one class, or finite values. */
import { AppError } from '../errors.ts';
import { type Column, forEachRow } from './column.ts';
import type { RawDataset } from './dataset-format.ts';
import type { CompleteOptions } from './options.ts';

export type Targets =
  | { readonly kind: 'classes'; readonly classes: number; readonly labels: Int32Array }
  | { readonly kind: 'values'; readonly column: Column };

type Wish = Pick<CompleteOptions, 'targets' | 'classes'>;
/** Names the file and the sample. */
type Locate = RawDataset['locate'];

/** More classes than this are values that happen to be whole. */
const maxClasses = 1_000_000;

function refuse(message: string, details: Record<string, unknown> = {}): never {
  throw new AppError('DATASET_INVALID', message, { details });
}

/** The targets, whose numbers are finite. Throws DATASET_INVALID naming the file, as `label`, and the sample. */
export function resolveTargets({ targets, locate: locateSample }: RawDataset, wish: Wish, label: string): Targets {
  const locate: Locate = (sample) => `${label}: ${locateSample(sample)}`;
  const classes = wish.classes ?? targets.classes;
  if (wish.targets === 'values') return { kind: 'values', column: targets.column };
  if (targets.column.rowSize === 1) {
    if (wish.targets === 'auto' && !targets.integer) return { kind: 'values', column: targets.column };
    return toClasses(labelsOf(targets.column, locate), classes, locate, label);
  }
  const labels = oneHotLabels(targets.column);
  if (labels !== null) return toClasses(labels, classes ?? targets.column.rowSize, locate, label);
  if (wish.targets === 'auto') return { kind: 'values', column: targets.column };
  return refuse(
    `${label}: targets of shape [${targets.column.rowShape}] per sample are neither class ids nor one-hot rows`,
  );
}

function labelsOf(column: Column, locate: Locate): Int32Array {
  const labels = new Int32Array(column.rows);
  forEachRow(column, null, (data, at, row) => {
    const label = data[at] as number;
    if (!Number.isInteger(label) || label < 0 || label >= maxClasses) {
      refuse(
        `${locate(row)}: label ${label} is no class id: ids are whole numbers from 0 to ${maxClasses - 1}; set the option targets to "values" to regress`,
        { sample: row, label },
      );
    }
    labels[row] = label;
  });
  return labels;
}

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

function toClasses(labels: Int32Array, given: number | null, locate: Locate, label: string): Targets {
  let max = 0;
  let single = true;
  labels.forEach((id, sample) => {
    if (given !== null && id >= given) {
      refuse(`${locate(sample)}: label ${id} is outside 0..${given - 1}, the ${given} classes of the dataset`, {
        sample,
        label,
      });
    }
    if (id > max) max = id;
    single &&= id === labels[0];
  });
  if (single) refuse(`${label}: all ${labels.length} labels are ${labels[0]}; at least two classes are needed`);
  return { kind: 'classes', classes: given ?? max + 1, labels };
}
