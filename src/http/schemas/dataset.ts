/** Uploads as clients see them. */
import { type Static, Type } from 'typebox';
import { UploadRecord } from '../../jobs/uploads/records.ts';
import { strict } from './common.ts';

const { owner: _, description, ...properties } = UploadRecord.properties;

export const Dataset = strict(
  {
    ...properties,
    kind: Type.Enum(['dataset', 'model', 'weights'], { description: 'What it can be referred to as.' }),
    ref: Type.String({ description: 'For the specification of a job.' }),
    description,
    links: strict({ self: Type.String() }),
  },
  { description: 'An upload: data, a topology, or weights to start from.' },
);
export type Dataset = Static<typeof Dataset>;

export const DatasetList = strict(
  { datasets: Type.Array(Dataset), has_more: Type.Boolean() },
  { description: 'A page of uploads, newest first.' },
);

export const DatasetParams = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) });

export const UploadQuery = strict({
  kind: Type.Optional(
    Type.Enum(['dataset', 'model', 'weights'], { description: 'Recognised when left out; needed for weights in npz.' }),
  ),
});

export const DatasetListQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  after: Type.Optional(Type.String({ maxLength: 100, description: 'The last id of the page before.' })),
});

export const SamplesQuery = strict({
  part: Type.Optional(Type.Enum(['train', 'validation', 'test'], { default: 'train' })),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 32, default: 12 })),
});

/** For the documentation: an upload is never in memory. */
export const UploadBody = Type.Unsafe<unknown>({
  type: 'object',
  required: ['file'],
  properties: { file: { type: 'array', items: { type: 'string', format: 'binary' }, description: 'One or several.' } },
});
