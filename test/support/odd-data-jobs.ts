/** Odd jobs with unusual data or structures of models; odd-jobs.ts includes them. */
import type { JsonObject } from '../../src/json.ts';
import {
  dense,
  flatten,
  job,
  type LayerJson,
  layer,
  mean,
  type OddJob,
  sequential,
  succeeded,
  withOptions,
} from './odd-job.ts';

/** Rows of two numbers and a class; further rows are appended unchanged. */
const tableOf = (rows: number, classes: number, ...more: readonly string[]) =>
  [
    'a,b,label',
    ...Array.from({ length: rows }, (_, at) => `${at * 0.37},${(at % 7) - 3},${at % classes}`),
    ...more,
  ].join('\n');
const onTable = (units: number, more: JsonObject = {}) =>
  job(sequential([dense(4), layer('ReLU'), dense(units)], [2]), { ...withOptions({ batchSize: 4 }), ...more });

export const tables: readonly OddJob[] = [
  { title: 'no rows', job: onTable(2), table: 'a,b,label\n', ends: ['DATASET_INVALID', 'DATASET_MALFORMED'] },
  {
    title: 'one sample',
    job: onTable(2),
    table: tableOf(1, 2),
    ends: ['DATASET_INVALID', 'BATCH_TOO_LARGE', 'DATASET_SHAPE_MISMATCH'],
  },
  {
    title: 'one class',
    job: onTable(2),
    table: tableOf(20, 1),
    ends: ['DATASET_INVALID', 'DATASET_SHAPE_MISMATCH'],
  },
  { title: 'a batch larger than a small table', job: onTable(2), table: tableOf(3, 2), ends: ['BATCH_TOO_LARGE'] },
  { title: 'a batch that is the whole table', job: onTable(2), table: tableOf(4, 2), ends: succeeded },
  { title: 'NaN in a row', job: onTable(2), table: tableOf(20, 2, 'nan,1,0'), ends: ['DATASET_INVALID'] },
  { title: 'Infinity in a row', job: onTable(2), table: tableOf(20, 2, 'inf,1,0'), ends: ['DATASET_INVALID'] },
  { title: 'a number beyond floats', job: onTable(2), table: tableOf(20, 2, '1e300,1,0'), ends: ['DATASET_INVALID'] },
  { title: 'a missing value', job: onTable(2), table: tableOf(20, 2, ',1,0'), ends: ['DATASET_INVALID'] },
  {
    title: 'a label below zero is one class more',
    job: onTable(2),
    table: tableOf(20, 2, '1,1,-1'),
    ends: ['DATASET_SHAPE_MISMATCH'],
  },
  {
    title: 'the largest float as a value',
    job: onTable(2),
    table: tableOf(20, 2, '3.4e38,1,0'),
    ends: [...succeeded, 'DIVERGED'],
  },
];

/** Nested models, each of which returns its input. */
function nested(depth: number): LayerJson {
  return Array.from({ length: depth }).reduce<LayerJson>(
    (inner, _, at) => layer('Sequential', { name: `m${at}`, layers: [inner as unknown as JsonObject] }),
    layer('Dense', { name: 'innermost', units: 10, batch_input_shape: [null, 64] }),
  );
}

/** A model with two inputs, of which the output depends on one. */
const unusedInput = {
  topology: {
    class_name: 'Functional',
    config: {
      name: 'unused',
      layers: [
        ...['used', 'unused'].map((name) => ({
          class_name: 'InputLayer',
          name,
          config: { name, batch_input_shape: [null, 8, 8, 1] },
          inbound_nodes: [],
        })),
        { class_name: 'Flatten', name: 'flat', config: { name: 'flat' }, inbound_nodes: [[['used', 0, 0, {}]]] },
        {
          class_name: 'Dense',
          name: 'last',
          config: { name: 'last', units: 10 },
          inbound_nodes: [[['flat', 0, 0, {}]]],
        },
      ],
      input_layers: ['used', 'unused'].map((name) => [name, 0, 0]),
      output_layers: [['last', 0, 0]],
    },
  },
};

export const structures: readonly OddJob[] = [
  { title: 'twenty models in models', job: job(sequential([flatten, nested(20)])), ends: succeeded },
  { title: 'hundreds of models in models', job: job(sequential([flatten, nested(300)])), ends: ['MODEL_TOO_LARGE'] },
  {
    title: 'an input that nothing reads',
    job: job(unusedInput),
    ends: [...succeeded, 'MODEL_MALFORMED', 'LAYER_INVALID', 'DATASET_SHAPE_MISMATCH'],
  },
  { title: 'an input without extent', job: job(sequential([flatten, dense()], [0, 8, 1])), ends: ['LAYER_INVALID'] },
  {
    title: 'a reshape to nothing',
    job: job(sequential([layer('Reshape', { target_shape: [0] }), dense()])),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'a vocabulary of two million words',
    job: job(sequential([layer('Embedding', { input_dim: 2e6, output_dim: 4 }), flatten, dense()], [64])),
    ends: [...succeeded, 'DATASET_INVALID'],
    isSlow: true,
  },
  {
    title: 'a vocabulary of a trillion words',
    job: job(sequential([layer('Embedding', { input_dim: 1e12, output_dim: 4 }), flatten, dense()], [64])),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'a transposed convolution that makes numbers beyond the memory',
    job: job(
      sequential([
        layer('Conv2DTranspose', { filters: 64, kernel_size: 3, strides: 1000, padding: 'same' }),
        mean,
        dense(),
      ]),
    ),
    ends: ['MODEL_TOO_LARGE', 'OUT_OF_MEMORY'],
  },
];
