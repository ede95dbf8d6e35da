import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import type { Weights } from '../../../src/engine/run.ts';
import { tf } from '../../../src/engine/tf.ts';
import { createShortTraining, type ShortTraining } from '../../../src/engine/training/short-training.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { problems } from '../../support/problems.ts';

installGradients();

const sgd = { optimizer: { name: 'sgd' }, learningRate: 0.1, clip: 1 } as const;
const adam = { optimizer: { name: 'adam' }, learningRate: 0.01, clip: null } as const;

function shortTraining(optimizers: Parameters<typeof createShortTraining>[0]['optimizers']) {
  const { topology, samples, loss } = problems.mlp();
  assert.ok(samples && loss);
  const options = {
    topology,
    samples,
    loss,
    stepsPerOptimizer: 8,
    batchSize: 16,
    seed: 1,
    execution: 'graph',
  } as const;
  return createShortTraining({ ...options, optimizers });
}

function lossesFrom(training: ShortTraining, weights: Weights) {
  training.start(weights);
  return Array.from({ length: training.steps }, () => training.step().loss);
}

const scaled = (weights: Weights, factor: number): Weights =>
  new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      ndarray(
        'float32',
        shape,
        data.map((v) => v * factor),
      ),
    ]),
  );

describe('a short training', () => {
  it('treats all weights alike, whatever was trained before, and leaves nothing behind', () => {
    const { weights } = problems.mlp();
    const before = tf.memory().numTensors;
    const training = shortTraining([sgd, adam]);
    const first = lossesFrom(training, weights);
    lossesFrom(training, scaled(weights, 2));
    assert.deepEqual(lossesFrom(training, weights), first);
    assert.equal(first.length, 16);
    assert.equal(first[8], first[0], 'the second optimizer starts from the same weights and batch');
    assert.notEqual(first[9], first[1]);
    training.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('scores by the last quarter of every optimizer', () => {
    const training = shortTraining([sgd, adam]);
    assert.equal(training.score([9, 9, 9, 9, 9, 9, 1, 3, 9, 9, 9, 9, 9, 9, 5, 7]), 4);
  });

  it('tells weights that learn from weights without a signal', () => {
    const { weights } = problems.mlp();
    const training = shortTraining([sgd]);
    const score = (factor: number) => training.score(lossesFrom(training, scaled(weights, factor)));
    assert.ok(score(1) < score(0.01));
    training.dispose();
  });

  it('says when training diverges', () => {
    const training = shortTraining([{ ...sgd, learningRate: 1e20, clip: null }]);
    assert.throws(() => lossesFrom(training, problems.mlp().weights), { code: 'DIVERGED' });
    training.dispose();
  });
});
