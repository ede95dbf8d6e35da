import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import type { JsonObject } from '../../../../src/json.ts';
import { assertClose, layerCase } from '../../../support/layer-case.ts';

const L = tf.layers;
type StockLayer = InstanceType<typeof L.Layer>;

const activations = [
  ...['linear', 'relu', 'relu6', 'elu', 'selu', 'softplus', 'softsign', 'tanh', 'sigmoid', 'hardSigmoid', 'swish'],
  ...['mish', 'gelu', 'gelu_new', 'softmax', 'logSoftmax'],
];

/** Layer and input shapes without the batch axis. */
const rows: [StockLayer, ...number[][]][] = [
  ...activations.map((name): [StockLayer, number[]] => [L.activation({ activation: name as 'relu' }), [3, 4]]),
  [L.dense({ units: 3 }), [4]],
  [L.dense({ units: 3, useBias: false, activation: 'hardSigmoid' }), [4]],
  [L.dense({ units: 2, activation: 'softmax' }), [3, 2, 4]],
  [L.conv1d({ filters: 4, kernelSize: 3 }), [7, 2]],
  [L.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), [7, 2]],
  [L.conv1d({ filters: 4, kernelSize: 2, dilationRate: 3, useBias: false }), [7, 2]],
  [L.conv2d({ filters: 4, kernelSize: 3 }), [6, 5, 2]],
  [L.conv2d({ filters: 4, kernelSize: [3, 2], strides: [1, 2], padding: 'same', activation: 'relu' }), [6, 5, 2]],
  [L.conv2d({ filters: 4, kernelSize: 4, strides: 3, padding: 'same', useBias: false }), [7, 8, 2]],
  [L.conv2d({ filters: 4, kernelSize: 2, dilationRate: 2, activation: 'elu' }), [6, 5, 2]],
  [L.conv2d({ filters: 4, kernelSize: 1, dataFormat: 'channelsFirst' }), [2, 6, 5]],
  [L.conv3d({ filters: 3, kernelSize: 2, strides: [1, 2, 1], padding: 'same' }), [3, 4, 5, 2]],
  [L.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), [3, 4, 2]],
  [L.conv2dTranspose({ filters: 3, kernelSize: [2, 3], strides: [3, 1], activation: 'tanh' }), [3, 4, 2]],
  [L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }), [6, 5, 3]],
  [L.depthwiseConv2d({ kernelSize: [2, 3], useBias: false, activation: 'relu6' as 'relu' }), [6, 5, 3]],
  [L.separableConv2d({ filters: 4, kernelSize: 3, activation: 'relu' }), [6, 5, 3]],
  [L.separableConv2d({ filters: 4, kernelSize: 2, strides: 2, padding: 'same', useBias: false }), [6, 5, 3]],
  [L.maxPooling1d({}), [7, 2]],
  [L.maxPooling2d({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }), [6, 5, 2]],
  [L.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst' }), [2, 6, 5]],
  [L.averagePooling1d({ poolSize: 3, strides: 1, padding: 'same' }), [7, 2]],
  [L.averagePooling2d({ poolSize: 2 }), [6, 5, 2]],
  [L.globalMaxPooling1d({}), [5, 3]],
  [L.globalAveragePooling1d({}), [5, 3]],
  [L.globalMaxPooling2d({}), [4, 5, 3]],
  [L.globalAveragePooling2d({ dataFormat: 'channelsFirst' }), [3, 4, 5]],
  [L.batchNormalization({}), [4, 5, 3]],
  [L.batchNormalization({ axis: 1, epsilon: 1e-5 }), [4, 5, 3]],
  [L.batchNormalization({ scale: false }), [3]],
  [L.layerNormalization({}), [5, 3]],
  [L.layerNormalization({ axis: [1, 2], epsilon: 1e-5, center: false }), [5, 3]],
  [L.embedding({ inputDim: 7, outputDim: 3 }), [4]],
  [L.reLU({ maxValue: 1 }), [5]],
  [L.leakyReLU({}), [5]],
  [L.prelu({}), [2, 3]],
  [L.prelu({ sharedAxes: [1, 2] }), [2, 3, 4]],
  [L.elu(), [5]],
  [L.thresholdedReLU({ theta: 0.3 }), [5]],
  [L.softmax({ axis: -1 }), [2, 5]],
  [L.dropout({ rate: 0.5 }), [5]],
  [L.spatialDropout1d({ rate: 0.5 }), [5, 2]],
  [L.gaussianNoise({ stddev: 1 }), [5]],
  [L.gaussianDropout({ rate: 0.5 }), [5]],
  [L.alphaDropout({ rate: 0.5 }), [5]],
  [L.flatten({}), [2, 3, 4]],
  [L.flatten({ dataFormat: 'channelsFirst' }), [2, 3, 4]],
  [L.reshape({ targetShape: [4, -1] }), [2, 6]],
  [L.permute({ dims: [3, 1, 2] }), [2, 3, 4]],
  [L.repeatVector({ n: 3 }), [4]],
  [
    L.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
    [3, 4, 2],
  ],
  [L.zeroPadding2d({ padding: [1, 2], dataFormat: 'channelsFirst' }), [2, 3, 4]],
  [
    L.cropping2D({
      cropping: [
        [1, 0],
        [2, 1],
      ],
    }),
    [4, 6, 2],
  ],
  [L.upSampling2d({ size: [2, 3] }), [3, 4, 2]],
  [L.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }), [3, 4, 2]],
  [L.rescaling({ scale: 0.5, offset: 3 }), [4]],
  [L.add(), [4], [4], [4]],
  [L.add(), [4], [2, 3, 4]],
  [L.multiply(), [3, 4], [1, 4]],
  [L.average(), [4], [4], [4]],
  [L.maximum(), [4], [4]],
  [L.minimum(), [4], [4]],
  [L.concatenate({ axis: 1 }), [2, 4], [3, 4]],
  [L.dot({ axes: 1 }), [4], [4]],
  [L.dot({ axes: -1, normalize: true }), [3, 4], [2, 4]],
  [L.dot({ axes: [2, 1] }), [3, 4], [4, 2]],
];

/** 'kernelSize' -> 'kernel_size': the other key style, at the first level. */
const snakeCase = (config: JsonObject) =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]),
  );

/** Weights of a stock layer by the name behind the layer's, drawn anew so that no term is hidden by a zero. */
function redraw(layer: StockLayer): Record<string, Tensor> {
  const keys = layer.weights.map(({ originalName }) => originalName.slice(layer.name.length + 1));
  const drawn = layer.weights.map(({ shape }, index) => {
    const values = tf.randomNormal(shape as number[], 0, 0.6, 'float32', index + 1);
    return keys[index] === 'moving_variance' ? tf.square(values) : values;
  });
  layer.setWeights(drawn);
  return Object.fromEntries(drawn.map((tensor, index) => [keys[index], tensor]));
}

const draw = (className: string, shape: number[], seed: number): Tensor =>
  className === 'Embedding'
    ? tf.randomUniform([3, ...shape], 0, 7, 'int32', seed)
    : tf.randomNormal([3, ...shape], 0, 1, 'float32', seed);

describe('layers of TensorFlow.js', () => {
  for (const [layer, ...shapes] of rows) {
    const className = layer.getClassName();
    const config = JSON.parse(JSON.stringify(layer.getConfig())) as JsonObject;
    const { name: _, trainable: __, ...shown } = config;
    test(`${className} on ${JSON.stringify(shapes)} computes the same: ${JSON.stringify(shown).slice(0, 120)}`, () => {
      tf.tidy(() => {
        const inputs = shapes.map((shape, seed) => draw(className, shape, seed + 90));
        const feed = inputs.length === 1 ? (inputs[0] as Tensor) : inputs;
        layer.apply(feed);
        const weights = redraw(layer);
        const expected = layer.apply(feed) as Tensor;
        for (const style of [config, snakeCase(config)]) {
          const ours = layerCase(className, style, shapes);
          const declared = ours.params.map(({ key, shape }) => [key, [...shape]]);
          const named = Object.entries(weights).map(([key, tensor]) => [key, tensor.shape]);
          assert.deepEqual(declared, named);
          assert.deepEqual([3, ...ours.outputShape], expected.shape);
          assertClose(ours.run(inputs, weights, {}, 'moving'), expected.dataSync(), expected.shape);
        }
      });
    });
  }
});

describe('batch normalisation with the statistics of the batch', () => {
  // By hand: channel means 2 and 6, biased variances 1 and 4 -> standardised -1, 1 and -1, 1.
  const x = [1, 4, 3, 8];
  for (const [title, shape, axis] of [
    ['of vectors', [2], -1],
    ['of sequences along the first axis', [2, 1], 1],
  ] as const) {
    test(`${title} standardises every channel, then scales and shifts it`, () => {
      tf.tidy(() => {
        const ours = layerCase('BatchNormalization', { axis, epsilon: 0 }, [shape]);
        const weights = { gamma: tf.tensor1d([2, 3]), beta: tf.tensor1d([0, 10]) };
        assertClose(ours.run([tf.tensor(x, [2, ...shape])], weights), [-2, 7, 2, 13], [2, ...shape]);
      });
    });
  }
});
