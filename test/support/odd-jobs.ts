/**
 * Jobs that are unusual or hostile but well-formed. Each must end as its row says: with finite weights, or with an error that has a code, a place and
 * a solution.
 */
import type { JsonObject } from '../../src/json.ts';
import { structures, tables } from './odd-data-jobs.ts';
import {
  conv,
  dense,
  far,
  flatten,
  job,
  layer,
  mean,
  type OddJob,
  plain,
  sequential,
  succeeded,
  withOptions,
} from './odd-job.ts';

/** A chain in which every layer has the previous one as both of its inputs. */
function chain(className: string, length: number, config: JsonObject = {}) {
  const from = (name: string) => [name, 0, 0, {}];
  const node = (class_name: string, name: string, own: JsonObject, inputs: readonly string[]) => ({
    class_name,
    name,
    config: { name, ...own },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map(from)],
  });
  const before = (at: number) => (at === 0 ? 'first' : `c${at - 1}`);
  const layers = [
    node('InputLayer', 'in', { batch_input_shape: [null, 8, 8, 1] }, []),
    node('Flatten', 'flat', {}, ['in']),
    node('Dense', 'first', { units: 4 }, ['flat']),
    ...Array.from({ length }, (_, at) => node(className, `c${at}`, config, [before(at), before(at)])),
    node('Dense', 'last', { units: 10 }, [before(length)]),
  ];
  const ends = { input_layers: [['in', 0, 0]], output_layers: [['last', 0, 0]] };
  return { topology: { class_name: 'Functional', config: { name: 'chain', layers, ...ends } } };
}

const windows: readonly OddJob[] = [
  {
    title: 'strides of 1e9',
    job: job(sequential([conv({ strides: far, padding: 'same' }), flatten, dense()])),
    ends: succeeded,
  },
  {
    title: 'dilation of 1e9',
    job: job(sequential([conv({ dilation_rate: far, padding: 'same' }), flatten, dense()])),
    ends: succeeded,
  },
  {
    title: 'a depthwise stride of 1e9',
    job: job(
      sequential([layer('DepthwiseConv2D', { kernel_size: 3, strides: far, padding: 'same' }), flatten, dense()]),
    ),
    ends: succeeded,
    isSlow: true,
  },
  {
    title: 'pooling over 1e9',
    job: job(sequential([conv(), layer('MaxPooling2D', { pool_size: far, padding: 'same' }), flatten, dense()])),
    ends: succeeded,
  },
  {
    title: 'a mean with strides of 2^31',
    job: job(sequential([layer('AveragePooling2D', { strides: 2 ** 31, padding: 'same' }), flatten, dense()])),
    ends: succeeded,
    isSlow: true,
  },
  {
    title: 'strides beyond 2^31',
    job: job(sequential([conv({ strides: 2 ** 32, padding: 'same' }), flatten, dense()])),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'a window larger than the image',
    job: job(sequential([conv({ kernel_size: 9 }), flatten, dense()])),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'a window larger than an image of open size',
    job: job(sequential([conv({ kernel_size: 9 }), mean, dense()], [null, null, 1])),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'a window that fits an image of open size',
    job: job(sequential([conv(), mean, dense()], [null, null, 1])),
    ends: succeeded,
  },
  {
    title: 'an image of open size that is cropped away',
    job: job(
      sequential(
        [
          layer('Cropping2D', {
            cropping: [
              [4, 4],
              [4, 4],
            ],
          }),
          mean,
          dense(),
        ],
        [null, null, 1],
      ),
    ),
    ends: ['LAYER_INVALID'],
  },
  {
    title: 'noise for an image of open size',
    job: {
      model: sequential([conv(), mean, dense()], [null, null, 1]),
      method: { name: 'metainit' },
      artifacts: ['safetensors'],
    },
    ends: ['METHOD_NOT_APPLICABLE'],
    isSlow: true,
  },
];

const sizes: readonly OddJob[] = [
  {
    title: 'a billion filters',
    job: job(sequential([conv({ filters: far }), flatten, dense()])),
    ends: ['MODEL_TOO_LARGE'],
  },
  { title: 'a billion units', job: job(sequential([flatten, dense(far), dense()])), ends: ['MODEL_TOO_LARGE'] },
  {
    title: 'padding of 1e9',
    job: job(sequential([layer('ZeroPadding2D', { padding: far }), mean, dense()])),
    ends: ['MODEL_TOO_LARGE'],
  },
  {
    title: 'a billion repetitions',
    job: job(sequential([flatten, layer('RepeatVector', { n: far }), flatten, dense()])),
    ends: ['MODEL_TOO_LARGE'],
  },
  {
    title: 'everything cropped away',
    job: job(
      sequential([
        layer('Cropping2D', {
          cropping: [
            [4, 4],
            [4, 4],
          ],
        }),
        flatten,
        dense(),
      ]),
    ),
    ends: ['LAYER_INVALID'],
  },
  { title: 'no units', job: job(sequential([flatten, dense(0)])), ends: ['LAYER_INVALID'] },
  { title: 'fractions of units', job: job(sequential([flatten, dense(2.5)])), ends: ['LAYER_INVALID'] },
];

const graphs: readonly OddJob[] = [
  { title: 'forty sums of themselves', job: job(chain('Add', 40)), ends: succeeded },
  { title: 'hundreds of sums of themselves', job: job(chain('Add', 300)), ends: ['DIVERGED'], isSlow: true },
  { title: 'squares of squares', job: job(chain('Multiply', 20)), ends: ['DIVERGED'] },
  {
    title: 'a difference from itself',
    job: job(chain('Subtract', 1)),
    ends: [...succeeded, 'DIVERGED', 'METHOD_NOT_APPLICABLE'],
  },
  { title: 'maxima of themselves', job: job(chain('Maximum', 30)), ends: succeeded, isSlow: true },
  { title: 'forty doublings of the width', job: job(chain('Concatenate', 40)), ends: ['MODEL_TOO_LARGE'] },
  {
    title: 'a constant output',
    job: job(sequential([flatten, layer('Rescaling', { scale: 0 }), dense(10, { use_bias: false })])),
    ends: [...succeeded, 'DIVERGED', 'METHOD_NOT_APPLICABLE'],
  },
  {
    title: 'zeros from the start',
    job: job(
      sequential([
        flatten,
        dense(8, { kernel_initializer: 'zeros' }),
        layer('ReLU'),
        dense(10, { kernel_initializer: 'zeros' }),
      ]),
    ),
    ends: [...succeeded, 'DIVERGED', 'METHOD_NOT_APPLICABLE'],
  },
  {
    title: 'nothing to train',
    job: job(sequential([layer('AveragePooling2D', { pool_size: [8, 4] }), flatten], [8, 8, 1])),
    ends: ['METHOD_NOT_APPLICABLE', 'DATASET_SHAPE_MISMATCH'],
  },
  {
    title: 'everything frozen',
    job: job(sequential([flatten, dense(10, { trainable: false })])),
    ends: ['METHOD_NOT_APPLICABLE'],
  },
  {
    title: 'numbers that overflow in the first layer',
    job: job(
      sequential([
        layer('Rescaling', { scale: 1e38 }),
        flatten,
        layer('Activation', { activation: 'exponential' }),
        dense(),
      ]),
    ),
    ends: ['DIVERGED'],
  },
];

const requests: readonly OddJob[] = [
  {
    title: 'a batch larger than the data',
    job: job(plain, withOptions({ batchSize: 5000 })),
    ends: ['BATCH_TOO_LARGE'],
  },
  { title: 'a batch of one', job: job(plain, withOptions({ batchSize: 1 })), ends: ['OPTION_INVALID'] },
  { title: 'a batch of two', job: job(plain, withOptions({ batchSize: 2 })), ends: succeeded },
  {
    title: 'a loss for values on classes',
    job: job(plain, { loss: 'mean-squared-error' }),
    ends: [...succeeded, 'DATASET_SHAPE_MISMATCH', 'INVALID_INPUT'],
  },
  { title: 'fewer outputs than classes', job: job(sequential([flatten, dense(3)])), ends: ['DATASET_SHAPE_MISMATCH'] },
  {
    title: 'a rate that leads to infinity',
    job: job(plain, withOptions({ learningRate: 1e30 })),
    ends: [...succeeded, 'DIVERGED', 'OPTION_INVALID'],
  },
  {
    title: 'ids beyond a table',
    job: job(sequential([layer('Embedding', { input_dim: 4, output_dim: 3 }), flatten, dense()], [64])),
    ends: ['DATASET_INVALID'],
  },
  {
    title: 'whole numbers into floats',
    job: job(sequential([flatten, dense()], [8, 8, 1], 'int32')),
    ends: [...succeeded, 'LAYER_INVALID'],
  },
];

export const oddJobs: readonly OddJob[] = [...windows, ...sizes, ...graphs, ...requests, ...tables, ...structures];
