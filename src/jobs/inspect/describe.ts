/** What is remembered of an uploaded file: enough to check a job against it without opening it again. */
import { type Static, Type } from 'typebox';
import type { Dataset, Fittable } from '../../datasets/index.ts';

const strict = { additionalProperties: false } as const;
const Shape = Type.Array(Type.Integer({ minimum: 0 }));
const Dtype = Type.Union([Type.Literal('float32'), Type.Literal('int32')]);

export const DatasetDescription = Type.Object(
  {
    kind: Type.Literal('dataset'),
    format: Type.String(),
    samples: Type.Integer({ description: 'Those for training, after the validation split.' }),
    inputs: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 }), { description: 'Of one sample.' }),
          dtype: Dtype,
          min: Type.Number(),
          max: Type.Number(),
          isWhole: Type.Boolean({ description: 'True when all numbers are whole.' }),
        },
        strict,
      ),
    ),
    targets: Type.Union([
      Type.Object({ kind: Type.Literal('classes'), classes: Type.Integer() }, strict),
      Type.Object({ kind: Type.Literal('values'), shape: Shape }, strict),
    ]),
  },
  { ...strict, description: 'Samples, as their options show them.' },
);
export type DatasetDescription = Static<typeof DatasetDescription>;

export const ModelDescription = Type.Object(
  {
    kind: Type.Literal('model'),
    format: Type.String(),
    layers: Type.Integer(),
    parameters: Type.Integer(),
  },
  { ...strict, description: 'A topology.' },
);

export const WeightsDescription = Type.Object(
  {
    kind: Type.Literal('weights'),
    format: Type.String(),
    tensors: Type.Array(Type.Object({ name: Type.String(), shape: Shape, dtype: Type.String() }, strict)),
  },
  { ...strict, description: 'Weights to start from.' },
);

export const Description = Type.Union([DatasetDescription, ModelDescription, WeightsDescription]);
export type Description = Static<typeof Description>;
export type UploadKind = Description['kind'];

export function describeDataset(dataset: Dataset): DatasetDescription {
  return {
    kind: 'dataset',
    format: dataset.format,
    samples: dataset.size,
    inputs: dataset.inputNames.map((name, input) => {
      const { min, max } = dataset.rangeOf(input);
      return {
        name,
        shape: [...(dataset.inputShapes[input] ?? [])],
        dtype: dataset.inputDtypes[input] ?? 'float32',
        min,
        max,
        isWhole: dataset.isWhole(input),
      };
    }),
    targets:
      dataset.targets.kind === 'classes' ? dataset.targets : { kind: 'values', shape: [...dataset.targets.shape] },
  };
}

/** Null for values to regress. */
export const classesOf = ({ targets }: DatasetDescription): number | null =>
  targets.kind === 'classes' ? targets.classes : null;

/** A described dataset as far as fitting it to a model needs it. */
export function fittable({ inputs }: DatasetDescription): Fittable<void> {
  return {
    inputNames: inputs.map(({ name }) => name),
    inputShapes: inputs.map(({ shape }) => shape),
    inputDtypes: inputs.map(({ dtype }) => dtype),
    isWhole: (input) => inputs[input]?.isWhole ?? false,
    rangeOf: (input) => ({ min: inputs[input]?.min ?? 0, max: inputs[input]?.max ?? 0 }),
    withViews: () => {},
  };
}
