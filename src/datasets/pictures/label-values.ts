/** Labels that come as text or numbers one by one: whole numbers stay numbers, others are names, lists become a 0 or 1 for every name that occurs. */
import { isDecimal } from '../../codecs/csv.ts';
import { AppError } from '../../errors.ts';
import { columnOf } from '../column.ts';
import { plainTargets, type RawTargets } from '../dataset-format.ts';
import { compareCodePoints } from '../parts.ts';

/** One value, or the list of those that apply. */
export type LabelValue = string | readonly string[];

export interface Labelled {
  readonly label: LabelValue;
  /** Of errors: 'metadata.csv, row 3'. */
  readonly place: string;
}

/** `name` is that of the column. Throws DATASET_INVALID for lists beside single values. */
export function labelTargets(name: string, samples: readonly Labelled[], dataset: string): RawTargets {
  const single = samples.flatMap(({ label }) => (typeof label === 'string' ? [label] : []));
  if (single.length === 0) return multiLabel(name, samples);
  if (single.length < samples.length) {
    const { place } = samples.find(({ label }) => typeof label !== 'string') ?? { place: 'a sample' };
    throw new AppError(
      'DATASET_INVALID',
      `${dataset}: ${place}: "${name}" holds a list, other samples hold one label; give lists for all`,
    );
  }
  if (single.every(isDecimal)) {
    const numbers = Float64Array.from(single, Number);
    const isWhole = numbers.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31);
    const data = isWhole ? Int32Array.from(numbers) : Float32Array.from(numbers);
    return plainTargets(name, columnOf([data.length], data), isWhole);
  }
  return namedTargets(name, single);
}

/** Several numbers for each sample, each from a column of its own. Throws DATASET_INVALID for what is no number. */
export function severalTargets(
  names: readonly string[],
  samples: readonly { readonly labels: readonly LabelValue[]; readonly place: string }[],
  dataset: string,
): RawTargets {
  const data = new Float32Array(samples.length * names.length);
  samples.forEach(({ labels, place }, row) => {
    for (const [i, label] of labels.entries()) {
      if (typeof label !== 'string' || !isDecimal(label))
        throw new AppError(
          'DATASET_INVALID',
          `${dataset}: ${place}: "${names[i]}" holds ${JSON.stringify(label)}; several targets are numbers`,
        );
      data[row * names.length + i] = Number(label);
    }
  });
  const column = columnOf([samples.length, names.length], data);
  return { ...plainTargets(names.join(', '), column, false), elementNames: names };
}

/** Distinct names with a position for each sample. */
export function namedTargets(name: string, labels: readonly string[]): RawTargets {
  const names = [...new Set(labels)];
  const positions = new Map(names.map((label, at) => [label, at]));
  const data = Int32Array.from(labels, (label) => positions.get(label) ?? 0);
  return { ...plainTargets(name, columnOf([labels.length], data), true), names };
}

function multiLabel(name: string, samples: readonly Labelled[]): RawTargets {
  const names = [...new Set(samples.flatMap(({ label }) => label))].sort(compareCodePoints);
  const positions = new Map(names.map((label, at) => [label, at]));
  const data = new Uint8Array(samples.length * names.length);
  samples.forEach(({ label }, row) => {
    for (const one of label) data[row * names.length + (positions.get(one) ?? 0)] = 1;
  });
  return plainTargets(`${name} (${names.join(', ')})`, columnOf([samples.length, names.length], data), true);
}
