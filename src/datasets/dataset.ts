/** A dataset that is open: its training samples, the validation samples set aside, and what a report says of it. */
import type { SampleSource } from '../batch.ts';
import type { Storage } from '../codecs/elements.ts';
import { storageOf } from './column.ts';
import type { RawDataset } from './dataset-format.ts';
import type { ClassLabels } from './labels.ts';
import type { Normalization } from './normalization.ts';
import type { PartName } from './parts.ts';
import { recipesOf } from './recipes.ts';
import { createSampleSource, type InputView, oneTargetKind, rowsOf, type SampleStore } from './samples.ts';
import { extremesOf, extremesOfColumn } from './statistics.ts';

export interface DatasetIdentity {
  /** As the user gave it. */
  readonly ref: string;
  /** Base name, or the name of a built-in dataset. */
  readonly name: string;
  readonly format: string;
  /** Why it is of that format: 'begins with PAR1'. */
  readonly reason: string;
  /** Of the file's bytes; of several files: of their `sha256sum` listing. */
  readonly sha256: string;
}

export interface Split {
  /** Of the draw. */
  readonly seed: number;
  readonly training: number;
  readonly validation: number;
}

/** What was found beyond the samples, for people. */
export interface Findings {
  readonly part: PartName;
  readonly parts: readonly { readonly name: PartName; readonly samples: number }[];
  /** The column or array of the targets. */
  readonly targetName: string;
  /** Names by class id; null for values to regress. */
  readonly classNames: readonly string[] | null;
  /** The stored mark of positions that have no label; null when there are none. */
  readonly ignored: number | null;
  /** What was left out, decided or taken for granted, in whole sentences. */
  readonly notes: readonly string[];
  /** Type in which each input is stored. */
  readonly storedTypes: readonly Storage[];
}

/** The training part is the dataset; `size` is its size. */
export interface Dataset extends SampleSource, DatasetIdentity {
  readonly inputNames: readonly string[];
  /** Null for values to regress. */
  readonly classes: number | null;
  readonly split: Split;
  /** The samples set aside; null without a split. */
  readonly validation: SampleSource | null;
  readonly found: Findings;
  /** One for each input. */
  readonly normalization: readonly Normalization[];
  /** The format's range of each input (0 to 255); null where only the data show it. */
  readonly ranges: readonly (readonly [number, number] | null)[];
  /** The row of the file's part that a training sample is. */
  rowOf(sample: number): number;
  /** Samples of each class over the whole part, by id, and positions without a label; null for values to regress. */
  countClasses(): { readonly counts: readonly number[]; readonly ignored: number } | null;
  /** The smallest and largest target; null for classes. */
  targetRange(): { readonly min: number; readonly max: number } | null;
  /** The same samples with the numbers of the file. */
  withoutNormalization(): Dataset;
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
  readonly raw: Pick<RawDataset, 'parts' | 'notes' | 'targets'>;
  readonly part: PartName;
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
  const { ref, name, format, reason, sha256, store, splitSeed } = parts;
  const training = createSampleSource(store, views, parts.parts?.training ?? null);
  const validation = parts.parts === null ? null : createSampleSource(store, views, parts.parts.validation);
  const sources = views.map(({ source }) => store.inputs[source] as SampleStore['inputs'][number]);
  const split = { seed: splitSeed, training: training.size, validation: rowsOf(store.targets) - training.size };
  const found = findingsOf(parts, sources);
  const rangeOf = (input: number) => {
    const { column, layout } = at(sources, input);
    const { min, max } = extremesOf(column, null, layout);
    return { min: min.reduce((a, b) => Math.min(a, b)), max: max.reduce((a, b) => Math.max(a, b)) };
  };
  const inputs = views.map(({ shape, dtype, raw }, input) => {
    const { name: inputName, normalization, range } = at(sources, input);
    const { note: _, ...applied } = normalization;
    const isPlain = raw || applied.mode === 'none';
    return {
      name: inputName,
      shape,
      dtype,
      normalization: isPlain ? null : { ...applied, ...recipesOf(applied, range) },
    };
  });
  return {
    ...training,
    ref,
    name,
    format,
    reason,
    sha256,
    inputNames: sources.map((input) => input.name),
    classes: store.targets.kind === 'classes' ? store.targets.classes : null,
    found,
    split,
    validation,
    normalization: sources.map((input) => input.normalization),
    ranges: sources.map(({ range }) => range),
    description: describe(parts, found, inputs, split),
    rowOf: (sample) => parts.parts?.training[sample] ?? sample,
    countClasses: () => (store.targets.kind === 'classes' ? countClasses(store.targets) : null),
    targetRange: () => (store.targets.kind === 'values' ? extremesOfColumn(store.targets.column) : null),
    rangeOf,
    maxOf: (input) => rangeOf(input).max,
    isWhole(input) {
      const { column } = at(sources, input);
      return storageOf(column) !== 'float32' || column.blocks.every(({ data }) => data.every(Number.isInteger));
    },
    withViews: (other) => createDataset(parts, other),
    withoutNormalization: () =>
      createDataset(
        parts,
        views.map((view) => ({ ...view, raw: true })),
      ),
  };
}

function at<T>(inputs: readonly T[], input: number): T {
  const found = inputs[input];
  if (found === undefined) throw new RangeError(`input ${input} of ${inputs.length}`);
  return found;
}

function findingsOf({ store, raw, part }: DatasetParts, sources: SampleStore['inputs']): Findings {
  const { targets } = store;
  const decided = targets.note === null ? [] : [targets.note];
  const normalized = sources.flatMap(({ normalization }) => normalization.note ?? []);
  return {
    part,
    parts: raw.parts,
    targetName: raw.targets.name,
    classNames: targets.kind === 'classes' ? targets.classNames : null,
    ignored: targets.kind === 'classes' ? targets.ignored : null,
    notes: [...raw.notes, ...decided, ...normalized],
    storedTypes: sources.map(({ column }) => storageOf(column)),
  };
}

/** Names of classes that a report lists; classes.json has all. */
const maxNames = 100;

function describe(
  { ref, format, reason, sha256, store }: DatasetParts,
  { part, parts, targetName, classNames, notes }: Findings,
  inputs: readonly object[],
  split: Split,
): Dataset['description'] {
  const names = classNames === null ? {} : { classNames: classNames.slice(0, maxNames) };
  const { targets } = store;
  const kind =
    targets.kind === 'several'
      ? { kind: targets.kind, parts: targets.parts.map((part) => ({ name: part.name, ...oneTargetKind(part) })) }
      : oneTargetKind(targets);
  return {
    ref,
    format,
    reason,
    sha256,
    part,
    parts,
    split,
    inputs,
    targets: { name: targetName, ...kind, ...names },
    notes,
  };
}

function countClasses({ column, classes }: ClassLabels) {
  const counts = new Array<number>(classes).fill(0);
  let ignored = 0;
  for (const { data } of column.blocks) {
    for (const id of data) {
      if (id < 0) ignored++;
      else counts[id] = (counts[id] ?? 0) + 1;
    }
  }
  return { counts, ignored };
}
