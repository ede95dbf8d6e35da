/** The catalogue: methods, models of the zoo, losses and formats. */
import { Type } from 'typebox';
import { strict } from './common.ts';

const JsonSchema = Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of the options.' });

export const Method = strict(
  {
    name: Type.String(),
    summary: Type.String(),
    reference: Type.String(),
    needsDataset: Type.Boolean(),
    needsSource: Type.Boolean({ description: 'Takes weights from another network, the `source` of the job.' }),
    iterative: Type.Boolean(),
    secondOrder: Type.Boolean({ description: 'Differentiates a gradient.' }),
    options: JsonSchema,
  },
  { description: 'An initialisation: what it needs, and its options.' },
);

export const MethodList = strict({ methods: Type.Array(Method) }, { description: 'All methods.' });

export const ZooModel = strict(
  {
    name: Type.String(),
    summary: Type.String(),
    reference: Type.String(),
    options: JsonSchema,
  },
  { description: 'A network that is known by name, and its options.' },
);

export const ZooList = strict({ models: Type.Array(ZooModel) }, { description: 'All networks of the zoo.' });

const Named = strict({ name: Type.String(), summary: Type.String() });

export const LossList = strict(
  { losses: Type.Array(strict({ ...Named.properties, options: JsonSchema })) },
  { description: 'All losses.' },
);

export const FormatList = strict(
  {
    datasets: Type.Array(strict({ ...Named.properties, options: JsonSchema })),
    models: Type.Array(Named),
    artifacts: Type.Array(strict({ ...Named.properties, entry: Type.String(), mediaType: Type.String() })),
    builtinDatasets: Type.Array(Type.String({ description: 'A reference.' })),
  },
  { description: 'What is read and written.' },
);

export const NameParams = strict({ name: Type.String({ minLength: 1, maxLength: 100 }) });
