/** Job specifications that are refused, with the place of the first problem. */
import { smallJob } from '../support/api.ts';

const dense = (config: object) => ({
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: 'Dense', config: { name: 'd', units: 10, batch_input_shape: [null, 64], ...config } }],
    },
  },
});
export const layer = (className: string, config: object = {}) => ({
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: className, config: { name: 'l', batch_input_shape: [null, 64], ...config } }],
    },
  },
});
const { model, method, dataset } = smallJob;

interface Row {
  readonly title: string;
  readonly job: unknown;
  readonly status?: number;
  readonly code: string;
  /** Of the first place. */
  readonly pointer: string;
}

export const refusedSpecifications: readonly Row[] = [
  { title: 'nothing', job: {}, status: 400, code: 'INVALID_INPUT', pointer: '/model' },
  { title: 'a list', job: [], status: 400, code: 'INVALID_INPUT', pointer: '' },
  { title: 'null', job: null, status: 400, code: 'INVALID_INPUT', pointer: '' },
  {
    title: 'an unknown field',
    job: { ...smallJob, colour: 1 },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/colour',
  },
  {
    title: 'an unknown field of the model',
    job: { ...smallJob, model: { ...model, x: 1 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/model/x',
  },
  { title: 'a seed as text', job: { ...smallJob, seed: '1' }, status: 400, code: 'INVALID_INPUT', pointer: '/seed' },
  { title: 'a negative seed', job: { ...smallJob, seed: -1 }, status: 400, code: 'INVALID_INPUT', pointer: '/seed' },
  {
    title: 'a seed beyond 2^53',
    job: { ...smallJob, seed: 2 ** 60 },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/seed',
  },
  {
    title: 'no dataset for a method that needs one',
    job: { model, method },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset',
  },
  {
    title: 'an unknown method',
    job: { ...smallJob, method: { name: 'magic' } },
    code: 'METHOD_UNKNOWN',
    pointer: '/method/name',
  },
  {
    title: 'a method named like a property of every object',
    job: { ...smallJob, method: { name: 'constructor' } },
    code: 'METHOD_UNKNOWN',
    pointer: '/method/name',
  },
  {
    title: 'an unknown option of a method',
    job: { ...smallJob, method: { name: 'gradinit', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/method/options/x',
  },
  {
    title: 'an option out of range',
    job: { ...smallJob, method: { name: 'gradinit', options: { iterations: 0 } } },
    code: 'OPTION_INVALID',
    pointer: '/method/options/iterations',
  },
  {
    title: 'a batch larger than the data',
    job: { ...smallJob, method: { name: 'gradinit', options: { batchSize: 5000 } } },
    code: 'BATCH_TOO_LARGE',
    pointer: '/method/options/batchSize',
  },
  {
    title: 'micro-batches of a network that normalises over the batch',
    job: {
      ...smallJob,
      model: { ...model, options: { ...model.options, batchNorm: true } },
      method: { name: 'gradinit', options: { batchSize: 32, microBatchSize: 8 } },
    },
    code: 'OPTION_INVALID',
    pointer: '/method/options/microBatchSize',
  },
  {
    title: 'more chunks than samples in a batch',
    job: { ...smallJob, method: { name: 'grad-cosine', options: { batchSize: 4, chunks: 8 } } },
    code: 'OPTION_INVALID',
    pointer: '/method/options/batchSize',
  },
  {
    title: 'a training batch larger than the data',
    job: {
      ...smallJob,
      dataset: { ...dataset, options: { validationSplit: 0.5 } },
      training: { epochs: 1, batchSize: 1000 },
    },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/training/batchSize',
  },
  {
    title: 'an unknown loss',
    job: { ...smallJob, loss: 'cosine' },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/loss',
  },
  {
    title: 'an unknown option of a loss',
    job: { ...smallJob, loss: { name: 'huber', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/loss/options/x',
  },
  {
    title: 'an unknown artifact format',
    job: { ...smallJob, artifacts: ['pickle'] },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/artifacts/0',
  },
  {
    title: 'no artifact at all',
    job: { ...smallJob, artifacts: [] },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/artifacts',
  },
  {
    title: 'more time than is given here',
    job: { ...smallJob, limits: { maxRunSeconds: 1_000_000 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/limits/maxRunSeconds',
  },
  {
    title: 'metadata that is no text',
    job: { ...smallJob, metadata: { a: 1 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/metadata/a',
  },
  {
    title: 'an unknown zoo model',
    job: { ...smallJob, model: { format: 'zoo', name: 'yolo' } },
    code: 'ZOO_UNKNOWN',
    pointer: '/model/name',
  },
  {
    title: 'an unknown option of a zoo model',
    job: { ...smallJob, model: { format: 'zoo', name: 'mlp', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/model/options/x',
  },
  {
    title: 'a topology that is none',
    job: { ...smallJob, model: { topology: { a: 1 } } },
    code: 'MODEL_MALFORMED',
    pointer: '/model/topology',
  },
  {
    title: 'an unknown layer',
    job: { ...smallJob, model: layer('Lambda') },
    code: 'LAYER_UNKNOWN',
    pointer: '/model/topology/config/layers/0/config',
  },
  {
    title: 'a layer named like a property of every object',
    job: { ...smallJob, model: layer('toString') },
    code: 'LAYER_UNKNOWN',
    pointer: '/model/topology/config/layers/0/config',
  },
  {
    title: 'a layer without units',
    job: { ...smallJob, model: dense({ units: 0 }) },
    code: 'LAYER_INVALID',
    pointer: '/model/topology/config/layers/0/config/units',
  },
  {
    title: 'an initializer named like a method',
    job: { ...smallJob, model: dense({ kernel_initializer: { class_name: 'valueOf', config: {} } }) },
    code: 'LAYER_INVALID',
    pointer: '/model/topology/config/layers/0/config/kernel_initializer',
  },
  {
    title: 'more parameters than allowed',
    job: { ...smallJob, model: dense({ units: 10_000 }) },
    code: 'MODEL_TOO_LARGE',
    pointer: '/model/topology',
  },
  {
    title: 'a topology by a reference that leads nowhere',
    job: { ...smallJob, model: { ref: 'dataset:ds_0' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/model/ref',
  },
  {
    title: 'weights by a path',
    job: { ...smallJob, weights: { ref: 'file:/etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/weights/ref',
  },
  {
    title: 'a dataset of no scheme',
    job: { ...smallJob, dataset: { ref: 'digits' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown built-in dataset',
    job: { ...smallJob, dataset: { ref: 'builtin:mnist' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown upload',
    job: { ...smallJob, dataset: { ref: 'dataset:ds_00000000000000000000000000000000' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an upload by a path',
    job: { ...smallJob, dataset: { ref: 'dataset:../../etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'a file where files are off',
    job: { ...smallJob, dataset: { ref: 'file:/etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'a bucket',
    job: { ...smallJob, dataset: { ref: 's3://bucket/key' } },
    code: 'REMOTE_REFUSED',
    pointer: '/dataset/ref',
  },
  {
    title: 'a URL into our own network',
    job: { ...smallJob, dataset: { ref: 'https://127.0.0.1/x.csv' } },
    code: 'REMOTE_REFUSED',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown option of a dataset',
    job: { ...smallJob, dataset: { ...dataset, options: { x: 1 } } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset/options/x',
  },
  {
    title: 'an option of another format',
    job: { ...smallJob, dataset: { ...dataset, options: { labelColumn: 3 } } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset/options/labelColumn',
  },
  {
    title: 'data of another shape',
    job: { ...smallJob, model: dense({ batch_input_shape: [null, 63] }) },
    code: 'DATASET_SHAPE_MISMATCH',
    pointer: '/dataset',
  },
  {
    title: 'fewer outputs than classes',
    job: { ...smallJob, model: dense({ units: 3 }) },
    code: 'DATASET_SHAPE_MISMATCH',
    pointer: '/loss',
  },
];
