/** A dataset that is open: its training samples, the validation samples set aside, and what a report says of it. */
import type { SampleSource } from '../batch.ts';
import type { Normalization } from './normalization.ts';
import { createSampleSource, type InputView, rowsOf, type SampleStore } from './samples.ts';
import { extremesOf } from './statistics.ts';

export interface DatasetIdentity {
  /** As the user gave it. */
  readonly ref: string;
  /** Base name, or the name of a built-in dataset. */
  readonly name: string;
  readonly format: string;
  /** Of the file's bytes; of several files: of their `sha256sum` listing. */
  readonly sha256: string;
}

export interface Split {
  /** Of the draw. */
  readonly seed: number;
  readonly training: number;
  readonly validation: number;
}

/** The training part is the dataset; `size` is its size. */
export interface Dataset extends SampleSource, DatasetIdentity {
  readonly inputNames: readonly string[];
  /** Null for values to regress. */
  readonly classes: number | null;
  readonly split: Split;
  /** The samples set aside; null without a split. */
  readonly validation: SampleSource | null;
  /** One for each input. */
  readonly normalization: readonly Normalization[];
  /** Plain JSON for reports. */
  readonly description: Readonly<Record<string, unknown>>;
  /** The smallest and largest stored number of an input, over all samples, before normalisation. */
  rangeOf(input: number): { readonly min: number; readonly max: number };
  /** The largest stored number of an input: the largest token id, say. */
  maxOf(input: number): number;
  /** True when all stored numbers of an input are whole. */
  isWhole(input: number): boolean;
  /** The same data seen by other views; the caller has checked that the sizes agree. */
  withViews(views: readonly InputView[]): Dataset;
}

export interface DatasetParts extends DatasetIdentity {
  readonly store: SampleStore;
  readonly splitSeed: number;
  /** Rows of each part; null when all rows are for training. */
  readonly parts: { readonly training: Int32Array; readonly validation: Int32Array } | null;
}

/** The views that show every input as the file has it. */
function ownViews({ inputs }: SampleStore): InputView[] {
  return inputs.map(({ role, sampleShape }, source) => ({
    source,
    shape: sampleShape,
    dtype: role === 'ids' ? 'int32' : 'float32',
    raw: role === 'ids',
  }));
}

export function createDataset(parts: DatasetParts, views: readonly InputView[] = ownViews(parts.store)): Dataset {
  const { ref, name, format, sha256, store, splitSeed } = parts;
  const training = createSampleSource(store, views, parts.parts?.training ?? null);
  const validation = parts.parts === null ? null : createSampleSource(store, views, parts.parts.validation);
  const sources = views.map(({ source }) => store.inputs[source] as SampleStore['inputs'][number]);
  const split = { seed: splitSeed, training: training.size, validation: rowsOf(store.targets) - training.size };
  const inputOf = (input: number) => {
    const found = sources[input];
    if (found === undefined) throw new RangeError(`input ${input} of ${sources.length}`);
    return found;
  };
  const rangeOf = (input: number) => {
    const { column, layout } = inputOf(input);
    const { min, max } = extremesOf(column, null, layout);
    return { min: min.reduce((a, b) => Math.min(a, b)), max: max.reduce((a, b) => Math.max(a, b)) };
  };
  return {
    ...training,
    ref,
    name,
    format,
    sha256,
    inputNames: sources.map((input) => input.name),
    classes: store.targets.kind === 'classes' ? store.targets.classes : null,
    split,
    validation,
    normalization: sources.map((input) => input.normalization),
    description: {
      ref,
      format,
      sha256,
      split,
      inputs: views.map(({ shape, dtype, raw }, input) => ({
        name: inputOf(input).name,
        shape,
        dtype,
        normalization: raw || inputOf(input).normalization.mode === 'none' ? null : inputOf(input).normalization,
      })),
      targets: training.targets,
    },
    rangeOf,
    maxOf: (input) => rangeOf(input).max,
    isWhole(input) {
      const { blocks } = inputOf(input).column;
      return blocks.every(({ data }) => !(data instanceof Float32Array) || data.every(Number.isInteger));
    },
    withViews: (other) => createDataset(parts, other),
  };
}
