/** What can be asked for: methods, zoo models, losses, formats. */
import { Type } from 'typebox';
import { strict } from './common.ts';

const JsonSchema = Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of the options.' });

export const Method = strict({
  name: Type.String(),
  summary: Type.String(),
  reference: Type.String(),
  needsDataset: Type.Boolean(),
  needsSource: Type.Boolean({ description: 'Takes weights from another network, the `source` of the job.' }),
  iterative: Type.Boolean(),
  secondOrder: Type.Boolean({ description: 'Differentiates a gradient.' }),
  options: JsonSchema,
});

export const MethodList = strict({ methods: Type.Array(Method) });

export const ZooModel = strict({
  name: Type.String(),
  summary: Type.String(),
  reference: Type.String(),
  options: JsonSchema,
});

export const ZooList = strict({ models: Type.Array(ZooModel) });

const Named = strict({ name: Type.String(), summary: Type.String() });

export const LossList = strict({ losses: Type.Array(strict({ ...Named.properties, options: JsonSchema })) });

export const FormatList = strict({
  datasets: Type.Array(strict({ ...Named.properties, options: JsonSchema })),
  models: Type.Array(Named),
  artifacts: Type.Array(strict({ ...Named.properties, entry: Type.String(), mediaType: Type.String() })),
  builtinDatasets: Type.Array(Type.String({ description: 'A reference.' })),
});

export const NameParams = strict({ name: Type.String({ minLength: 1, maxLength: 100 }) });
