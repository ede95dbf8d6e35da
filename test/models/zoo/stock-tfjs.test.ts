import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayersModel } from '@tensorflow/tfjs-node-gpu';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { parseModel } from '../../../src/models/index.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { countParameters } from './count-parameters.ts';
import { loadWithTfjs } from './load-with-tfjs.ts';

/** The engine's own inference with the weights of the tfjs model. */
function runWithEngine(topology: unknown, model: LayersModel, inputs: Tensor[]): Tensor {
  const network = createNetwork(parseModel({ topology }).topology);
  const values = new Map(model.weights.map((weight) => [weight.originalName, weight.read()]));
  const weights = new Map(
    network.params.map(({ name }) => {
      const value = values.get(name);
      assert.ok(value, `tfjs has no ${name}`);
      return [name, plainWeight(value)];
    }),
  );
  const [output] = network.forward(weights, inputs, 'moving');
  assert.ok(output);
  return output;
}

function assertClose(got: Tensor, expected: Tensor): void {
  assert.deepEqual(got.shape, expected.shape);
  const scale = Math.max(...expected.dataSync().map(Math.abs));
  for (const difference of got.sub(expected).dataSync()) assert.ok(Math.abs(difference) <= 1e-5 * scale);
}

const tinyBlocks = { width: 8, heads: 2, feedForward: 16 };

const small: { name: string; options: object; outputShape: number[] }[] = [
  { name: 'vgg', options: { depth: 11, batchNorm: true }, outputShape: [10] },
  { name: 'vgg', options: { widths: [[8, 8], [16]], inputShape: [28, 28, 1] }, outputShape: [10] },
  { name: 'resnet', options: { depth: 20, inputShape: [28, 28, 1] }, outputShape: [10] },
  { name: 'resnet', options: { depth: 8, batchNorm: false, inputShape: [9, 7, 2], classes: 3 }, outputShape: [3] },
  { name: 'resnet', options: { depth: 8, inputShape: [1, 1, 1] }, outputShape: [10] },
  { name: 'wide-resnet', options: { depth: 10, widenFactor: 1 }, outputShape: [10] },
  { name: 'wide-resnet', options: { depth: 10, widenFactor: 2, batchNorm: false }, outputShape: [10] },
  { name: 'densenet-bc', options: { depth: 16, growthRate: 4 }, outputShape: [10] },
  {
    name: 'densenet-bc',
    options: { depth: 10, growthRate: 1, compression: 0.05, batchNorm: false },
    outputShape: [10],
  },
  { name: 'mlp', options: { inputShape: [6], sizes: [5], activation: 'tanh' }, outputShape: [10] },
  { name: 'mlp', options: { inputShape: [4, 4, 1], sizes: [], batchNorm: true }, outputShape: [10] },
  { name: 'small-cnn', options: {}, outputShape: [10] },
  { name: 'transformer-classifier', options: { length: 7, layers: 1, ...tinyBlocks }, outputShape: [2] },
  {
    name: 'transformer-classifier',
    options: { length: 1, layers: 1, ...tinyBlocks, heads: 1, normalization: 'pre' },
    outputShape: [2],
  },
  {
    name: 'transformer',
    options: {
      sourceVocabulary: 9,
      targetVocabulary: 11,
      sourceLength: 4,
      targetLength: 6,
      encoderLayers: 1,
      decoderLayers: 2,
      ...tinyBlocks,
    },
    outputShape: [6, 11],
  },
];

for (const { name, options, outputShape } of small) {
  test(`stock tfjs and the engine compute the same with ${name} ${JSON.stringify(options)}`, async () => {
    const model = await loadWithTfjs(name, options);
    const inputs = model.inputs.map(({ shape, dtype }) => {
      const size = [2, ...shape.slice(1).map(Number)];
      return dtype === 'int32' ? tf.randomUniform(size, 0, 9, 'int32', 1) : tf.randomNormal(size, 0, 1, 'float32', 1);
    });
    const output = model.predict(inputs);
    assert.ok(output instanceof tf.Tensor);
    assert.deepEqual(output.shape, [2, ...outputShape]);
    assert.ok(output.dataSync().every(Number.isFinite));

    const sizes = model.trainableWeights.map((weight) => weight.read().size);
    const trained = sizes.reduce((sum, size) => sum + size, 0);
    assert.equal(trained, countParameters(buildZooModel(name, options)));
    assertClose(runWithEngine(buildZooModel(name, options), model, inputs), output);
    model.dispose();
  });
}

/** Every key of `part` is in `whole` with the same value. */
function assertWithin(part: unknown, whole: unknown, path: string): void {
  if (typeof part !== 'object' || part === null) {
    assert.deepEqual(whole, part, path);
    return;
  }
  assert.ok(typeof whole === 'object' && whole !== null, path);
  for (const [key, value] of Object.entries(part)) {
    assertWithin(value, (whole as Record<string, unknown>)[key], `${path}/${key}`);
  }
}

for (const name of ['vgg', 'resnet', 'transformer-classifier', 'densenet-bc']) {
  test(`tfjs writes ${name} back as the zoo wrote it`, async () => {
    const topology = buildZooModel(name, name === 'densenet-bc' ? { depth: 10 } : {});
    const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: structuredClone(topology) }));
    const written = model.toJSON(null, false) as unknown as {
      class_name: string;
      config: { layers: { name: string }[] };
    };
    const { layers, ...config } = topology.config as unknown as { layers: { name: string }[] };

    assert.equal(written.class_name, topology.class_name);
    assertWithin(config, written.config, '/config');
    assert.equal(written.config.layers.length, layers.length);
    const byName = new Map(written.config.layers.map((layer) => [layer.name, layer]));
    for (const layer of layers) assertWithin(layer, byName.get(layer.name), layer.name);
    model.dispose();
  });
}
