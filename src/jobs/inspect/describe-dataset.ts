/** What can be said of a dataset that is open: its format and parts, its inputs and targets, what will be done to them, and its first samples. */
import { type Static, Type } from 'typebox';
import type { OneTargetKind } from '../../batch.ts';
import { type Dataset, recipesOf } from '../../datasets/index.ts';
import type { DescribedData } from '../check/check-run.ts';

const strict = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Shape = Type.Array(Type.Integer({ minimum: 0 }));
export const PartName = Type.Enum(['train', 'validation', 'test']);
const Numbers = Type.Array(Type.Number());

/** Classes and numbers of a first sample that are listed; a dataset may have a million of either. */
const maxListedClasses = 1000;
export const maxListedNumbers = 12;
const firstSamples = 5;

const Input = Type.Object(
  {
    name: Type.String(),
    shape: Type.Array(Type.Integer({ minimum: 0 }), { description: 'Of one sample.' }),
    dtype: Type.Enum(['float32', 'int32']),
    stored: Type.String({ description: 'The type in which the numbers are held.' }),
    min: Type.Number(),
    max: Type.Number(),
    isWhole: Type.Boolean({ description: 'True when all numbers are whole.' }),
    normalization: nullable(
      Type.Object(
        {
          mode: Type.String(),
          offset: Numbers,
          scale: Numbers,
          keras: Type.String({ description: 'A layer that does the same to the numbers of the file.' }),
          torch: Type.String({ description: 'A transform that does the same after ToTensor().' }),
        },
        { ...strict, description: '(x - offset) / scale, one pair for each channel; null when nothing is done.' },
      ),
    ),
  },
  strict,
);

const Targets = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('classes'),
      name: Type.String({ description: 'The column or array that they were read from.' }),
      classes: Type.Integer(),
      shape: Type.Optional(
        Type.Array(Type.Integer(), { description: 'Of the ids of one sample; left out where a sample has one.' }),
      ),
      names: Type.Array(Type.String(), { description: `By id; the first ${maxListedClasses}.` }),
      counts: Type.Array(Type.Integer(), { description: 'How often each occurs in the part, by id.' }),
      ignored: nullable(
        Type.Object(
          { label: Type.Integer({ description: 'As stored.' }), positions: Type.Integer() },
          { ...strict, description: 'Positions that have no label and are left out of the loss.' },
        ),
      ),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('values'),
      name: Type.String(),
      shape: Shape,
      isBinary: Type.Optional(Type.Boolean({ description: 'True when every number is 0 or 1.' })),
      min: Type.Number(),
      max: Type.Number(),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('several'),
      name: Type.String({ description: 'Of all outputs.' }),
      parts: Type.Array(
        Type.Union([
          Type.Object(
            {
              kind: Type.Literal('classes'),
              classes: Type.Integer(),
              shape: Type.Optional(Type.Array(Type.Integer())),
            },
            strict,
          ),
          Type.Object({ kind: Type.Literal('values'), shape: Shape, isBinary: Type.Optional(Type.Boolean()) }, strict),
        ]),
        { description: 'The targets of each output.' },
      ),
    },
    strict,
  ),
]);

export const DatasetDescription = Type.Object(
  {
    kind: Type.Literal('dataset'),
    format: Type.String(),
    reason: Type.String({ description: 'What showed the format.' }),
    part: PartName,
    parts: Type.Array(Type.Object({ name: PartName, samples: Type.Integer() }, strict)),
    samples: Type.Integer({ description: 'Those for training, after the validation split.' }),
    inputs: Type.Array(Input),
    targets: Targets,
    notes: Type.Array(Type.String(), { description: 'What was left out, decided or taken for granted.' }),
    first: Type.Array(
      Type.Object(
        {
          inputs: Type.Array(Numbers, { description: `The first ${maxListedNumbers} numbers of each, as stored.` }),
          target: Type.Union([Type.String(), Numbers], { description: 'The name of the class, or the first numbers.' }),
        },
        strict,
      ),
      { description: 'The first samples of the part.' },
    ),
  },
  { ...strict, description: 'Samples, as their options show them.' },
);
export type DatasetDescription = Static<typeof DatasetDescription>;

export function describeDataset(dataset: Dataset): DatasetDescription {
  const { format, reason, found } = dataset;
  return {
    kind: 'dataset',
    format,
    reason,
    part: found.part,
    parts: found.parts.map((part) => ({ ...part })),
    samples: dataset.size,
    inputs: dataset.inputNames.map((_, input) => describeInput(dataset, input)),
    targets: describeTargets(dataset),
    notes: [...found.notes],
    first: describeFirst(dataset, firstSamples),
  };
}

function describeInput(dataset: Dataset, input: number): DatasetDescription['inputs'][number] {
  const { mode, offset, scale } = dataset.normalization[input] ?? { mode: 'none', offset: [], scale: [] };
  const recipes = recipesOf({ offset, scale }, dataset.ranges[input] ?? null);
  return {
    name: dataset.inputNames[input] ?? '',
    shape: [...(dataset.inputShapes[input] ?? [])],
    dtype: dataset.inputDtypes[input] ?? 'float32',
    stored: dataset.found.storedTypes[input] ?? 'float32',
    ...dataset.rangeOf(input),
    isWhole: dataset.isWhole(input),
    normalization: mode === 'none' ? null : { mode, offset: [...offset], scale: [...scale], ...recipes },
  };
}

function describeTargets(dataset: Dataset): DatasetDescription['targets'] {
  const { targets, found } = dataset;
  const name = found.targetName;
  if (targets.kind === 'values')
    return { ...targets, name, shape: [...targets.shape], ...(dataset.targetRange() ?? { min: 0, max: 0 }) };
  if (targets.kind === 'several') return { kind: 'several', name, parts: targets.parts.map(describePart) };
  const { counts, ignored } = dataset.countClasses() ?? { counts: [], ignored: 0 };
  return {
    kind: 'classes',
    name,
    classes: targets.classes,
    ...(targets.shape === undefined ? {} : { shape: [...targets.shape] }),
    names: (found.classNames ?? []).slice(0, maxListedClasses),
    counts: counts.slice(0, maxListedClasses),
    ignored: found.ignored === null ? null : { label: found.ignored, positions: ignored },
  };
}

const describePart = (kind: OneTargetKind) =>
  kind.kind === 'values'
    ? { ...kind, shape: [...kind.shape] }
    : { kind: kind.kind, classes: kind.classes, ...(kind.shape === undefined ? {} : { shape: [...kind.shape] }) };

/** The first `count` samples, as stored. */
export function describeFirst(dataset: Dataset, count: number): DatasetDescription['first'] {
  const plain = dataset.withoutNormalization();
  return Array.from({ length: Math.min(count, plain.size) }, (_, sample) => {
    const { inputs, targets } = plain.gather([sample]);
    const numbers = Array.from(targets.data.subarray(0, maxListedNumbers));
    const isOne = plain.targets.kind === 'classes' && targets.data.length === 1;
    return {
      inputs: inputs.map(({ data }) => Array.from(data.subarray(0, maxListedNumbers))),
      target: isOne ? (dataset.found.classNames?.[numbers[0] ?? 0] ?? String(numbers[0])) : numbers,
    };
  });
}

/** A described dataset as far as checking a run needs it. */
export function describedData({ inputs, samples, targets }: DatasetDescription): DescribedData {
  return {
    size: samples,
    targets,
    inputNames: inputs.map(({ name }) => name),
    inputShapes: inputs.map(({ shape }) => shape),
    inputDtypes: inputs.map(({ dtype }) => dtype),
    isWhole: (input) => inputs[input]?.isWhole ?? false,
    rangeOf: (input) => ({ min: inputs[input]?.min ?? 0, max: inputs[input]?.max ?? 0 }),
    withViews: () => {},
  };
}
