import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { tf } from '../../../src/engine/tf.ts';
import { problemOf } from '../../support/problems.ts';

const layer = (class_name: string, config: object) => ({ class_name, config });
const topology = (trainable: boolean) => ({
  class_name: 'Sequential',
  config: {
    name: 'net',
    layers: [
      layer('Dense', { name: 'a', units: 4, activation: 'tanh', batch_input_shape: [null, 5], trainable }),
      layer('BatchNormalization', { name: 'norm', trainable }),
      layer('Dense', { name: 'b', units: 3 }),
    ],
  },
});

test('a method that searches scales leaves frozen layers alone and runs through them', async () => {
  const problem = problemOf(topology(false), [5], 3);
  for (const [name, options] of [
    ['gradinit', { iterations: 3, batchSize: 16, learningRate: 1e-3 }],
    ['grad-cosine', { iterations: 3, batchSize: 16 }],
    ['metainit', { iterations: 3, batchSize: 16 }],
    ['metainit-gradinit-repo', { iterations: 3, batchSize: 16 }],
  ] as const) {
    const { weights, scales } = await initialize({ problem, method: configureMethod(name, options) });
    assert.deepEqual(Object.keys(scales ?? {}), ['b/kernel'], name);
    for (const [parameter, { data }] of problem.weights) {
      if (!parameter.startsWith('b/')) assert.deepEqual(weights.get(parameter)?.data, data, `${name} ${parameter}`);
    }
  }
});

test('batch normalisation that is frozen runs on its moving statistics even where others use those of the batch', () => {
  const outputs = [true, false].map((trainable) => {
    const { topology: parsed, weights, samples } = problemOf(topology(trainable), [5], 3);
    return tf.tidy(() => {
      const network = createNetwork(parsed);
      const named = new Map(
        [...weights].map(([name, { data, shape }]) => [name, plainWeight(tf.tensor(data, [...shape]))]),
      );
      const [x] = samples?.gather([0, 1, 2, 3]).inputs ?? [];
      const run = (mode: 'batch' | 'moving') =>
        Array.from(network.forward(named, [tf.tensor(x?.data as Float32Array, [4, 5])], mode)[0]?.dataSync() ?? []);
      return { batch: run('batch'), moving: run('moving') };
    });
  });
  assert.notDeepEqual(outputs[0]?.batch, outputs[0]?.moving);
  assert.deepEqual(outputs[1]?.batch, outputs[1]?.moving);
});
