/**
 * The derivative of the gradient norm with respect to the scale of every parameter, against central differences in one random direction.
 *
 * ReLU is replaced by tanh: a finite step through a deep ReLU network crosses kinks, and the differences would measure those.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { softmaxCrossEntropy } from '../../../src/engine/losses/softmax-cross-entropy.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../../src/engine/tf.ts';
import { parseModel } from '../../../src/models/index.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { initialWeights } from '../../../src/topology/draw-initial.ts';

const samples = 16;
const tinyBlocks = { width: 8, heads: 2, feedForward: 16 };

const table: { name: string; options: object }[] = [
  { name: 'vgg', options: { widths: [[4], [4]], inputShape: [8, 8, 1], batchNorm: true } },
  { name: 'resnet', options: { depth: 8, width: 4, inputShape: [9, 8, 1] } },
  { name: 'resnet', options: { depth: 8, width: 4, inputShape: [9, 8, 1], batchNorm: false } },
  { name: 'wide-resnet', options: { depth: 10, widenFactor: 1, inputShape: [8, 8, 1] } },
  { name: 'densenet-bc', options: { depth: 10, growthRate: 3, inputShape: [8, 8, 1] } },
  { name: 'small-cnn', options: { inputShape: [8, 8, 1] } },
  { name: 'mlp', options: { inputShape: [6], sizes: [5] } },
  { name: 'transformer-classifier', options: { vocabulary: 9, length: 5, layers: 1, ...tinyBlocks } },
  {
    name: 'transformer-classifier',
    options: { vocabulary: 9, length: 5, layers: 1, ...tinyBlocks, normalization: 'pre' },
  },
  {
    name: 'transformer',
    options: {
      sourceVocabulary: 9,
      targetVocabulary: 9,
      sourceLength: 4,
      targetLength: 5,
      encoderLayers: 1,
      decoderLayers: 1,
      ...tinyBlocks,
    },
  },
];

/** scales -> norm of the gradient at theta_i = scale_i * W_i, and the number of scales. */
function gradientNorm(name: string, options: object): { norm: (scales: readonly Tensor[]) => Scalar; count: number } {
  const smooth = JSON.stringify(buildZooModel(name, options)).replaceAll('"activation":"relu"', '"activation":"tanh"');
  const { topology } = parseModel({ topology: smooth });
  const network = createNetwork(topology);
  const drawn = initialWeights(topology, 3);
  const weights = network.trainable.map((param) => {
    const values = drawn.get(param.name);
    assert.ok(values);
    return tf.tensor(values.data, [...param.shape]);
  });
  const shapeOf = (id: number | undefined) => topology.nodes[id ?? -1]?.shape.map(Number) ?? [];
  const inputs = topology.inputs.map((id, index) => {
    const shape = [samples, ...shapeOf(id)];
    const isTokens = topology.inputDtypes[index] === 'int32';
    return isTokens ? tf.randomUniform(shape, 0, 9, 'int32', index) : tf.randomNormal(shape, 0, 1, 'float32', 5);
  });
  const outputShape = shapeOf(topology.outputs[0]);
  const labels = tf.randomUniform([samples, ...outputShape.slice(0, -1)], 0, outputShape.at(-1) ?? 1, 'int32', 7);

  const loss = (...theta: Tensor[]): Scalar => {
    const named = new Map(network.trainable.map((param, index) => [param.name, plainWeight(theta[index] as Tensor)]));
    const [logits] = network.forward(named, inputs, 'batch');
    assert.ok(logits);
    return softmaxCrossEntropy(logits, labels, { labelSmoothing: 0 }, null) as Scalar;
  };
  const norm = (scales: readonly Tensor[]): Scalar => {
    const gradients = tf.grads(loss)(weights.map((weight, index) => tf.mul(weight, scales[index] as Tensor)));
    return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))).asScalar();
  };
  return { norm, count: weights.length };
}

for (const { name, options } of table) {
  test(`the gradient norm of ${name} ${JSON.stringify(options)} is differentiated exactly`, () => {
    installGradients();
    const { norm, count } = gradientNorm(name, options);
    const direction = [...tf.randomNormal([count], 0, 1, 'float32', 11).dataSync()];
    const at = (step: number) => tf.tidy(() => norm(direction.map((d) => tf.scalar(1 + step * d))).arraySync());
    const derivatives = tf.grads((...scales) => norm(scales))(direction.map(() => tf.scalar(1)));
    const exact = derivatives.map((derivative) => derivative.dataSync()[0] ?? Number.NaN);

    const along = exact.reduce((sum, derivative, index) => sum + derivative * (direction[index] ?? 0), 0);
    const difference = (at(1e-3) - at(-1e-3)) / 2e-3;
    const size = Math.hypot(...exact);
    assert.ok(size > 0);
    assert.ok(Math.abs(along - difference) <= 2e-3 * size, `exact ${along}, difference ${difference}, size ${size}`);
  });
}
