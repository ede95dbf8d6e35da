/** What is remembered of an uploaded file: enough to check a job against it without opening it again. */
import { type Static, Type } from 'typebox';
import { DatasetDescription } from './describe-dataset.ts';

const strict = { additionalProperties: false } as const;

const Tensors = Type.Array(
  Type.Object({ name: Type.String(), shape: Type.Array(Type.Integer({ minimum: 0 })), dtype: Type.String() }, strict),
);

const ModelDescription = Type.Object(
  {
    kind: Type.Literal('model'),
    format: Type.String(),
    layers: Type.Integer(),
    parameters: Type.Integer(),
    weights: Type.Optional(
      Type.Array(Tensors.items, { description: 'Of a file that holds weights too: a job may name it as its weights.' }),
    ),
  },
  { ...strict, description: 'A topology.' },
);

export const WeightsDescription = Type.Object(
  { kind: Type.Literal('weights'), format: Type.String(), tensors: Tensors },
  { ...strict, description: 'Weights to start from.' },
);

export type WeightsDescription = Static<typeof WeightsDescription>;

const ContainerDescription = Type.Object(
  {
    kind: Type.Literal('container'),
    format: Type.String(),
    reason: Type.String({ description: 'What showed the format.' }),
    problem: Type.String({ description: 'Why it cannot be read without options.' }),
  },
  { ...strict, description: 'Data of a known format that is read once options of the job say how.' },
);

export const Description = Type.Union([DatasetDescription, ContainerDescription, ModelDescription, WeightsDescription]);
export type Description = Static<typeof Description>;
export type UploadKind = 'dataset' | 'model' | 'weights';

/** What an upload can be referred to as. */
export const kindOf = ({ kind }: Description): UploadKind => (kind === 'container' ? 'dataset' : kind);
