import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdOut } from '../../../src/engine/feeding/held-out.ts';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import type { Weights } from '../../../src/engine/run.ts';
import { tf } from '../../../src/engine/tf.ts';
import {
  createShortTraining,
  type ShortTraining,
  type ShortTrainingSettings,
} from '../../../src/engine/training/short-training.ts';
import { problems, scaled } from '../../support/problems.ts';

installGradients();

const sgd = { optimizer: { name: 'sgd' }, learningRate: 0.1, clip: 1 } as const;
const adam = { optimizer: { name: 'adam' }, learningRate: 0.01, clip: null } as const;
const plain = { optimizer: 0, rateFactor: 1, seed: 1 };

function shortTraining(optimizers: Parameters<typeof createShortTraining>[0]['optimizers'], problem = problems.mlp()) {
  const { topology, samples, loss } = problem;
  assert.ok(samples && loss);
  const heldOut = holdOut(samples, { count: 3, batchSize: 4, seed: 0 });
  return createShortTraining({ topology, samples, heldOut, loss, batchSize: 16, execution: 'graph', optimizers });
}

function lossesFrom(training: ShortTraining, weights: Weights, settings: Partial<ShortTrainingSettings> = {}) {
  training.start(weights, { ...plain, ...settings });
  const losses = Array.from({ length: 8 }, () => training.step().loss);
  return { losses, heldOut: training.heldOutLosses() };
}

describe('a short training', () => {
  it('treats all weights alike, whatever was trained before, and leaves nothing behind', () => {
    const { weights } = problems.mlp();
    const before = tf.memory().numTensors;
    const training = shortTraining([sgd, adam]);
    const first = lossesFrom(training, weights);
    lossesFrom(training, scaled(weights, 2), { seed: 5, rateFactor: 3 });
    assert.deepEqual(lossesFrom(training, weights), first);
    const other = lossesFrom(training, weights, { optimizer: 1 });
    assert.equal(other.losses[0], first.losses[0], 'the other optimizer starts from the same weights and batch');
    assert.notEqual(other.losses[1], first.losses[1]);
    training.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('trains at its rate times the factor, and on other batches with another seed', () => {
    const { weights } = problems.mlp();
    const training = shortTraining([sgd, { ...sgd, learningRate: 0.3 }]);
    const factor = lossesFrom(training, weights, { rateFactor: 3 });
    assert.deepEqual(factor, lossesFrom(training, weights, { optimizer: 1 }));
    assert.notDeepEqual(factor.losses, lossesFrom(training, weights).losses);
    assert.notEqual(lossesFrom(training, weights, { seed: 2 }).losses[0], lossesFrom(training, weights).losses[0]);
    training.dispose();
  });

  it('measures every held-out batch, and lower where weights learn than where they have no signal', () => {
    const { weights } = problems.mlp();
    const training = shortTraining([sgd]);
    const mean = (factor: number) => {
      const { heldOut } = lossesFrom(training, scaled(weights, factor));
      assert.equal(heldOut.length, 3);
      return heldOut.reduce((sum, loss) => sum + loss, 0);
    };
    assert.ok(mean(1) < mean(0.01));
    training.dispose();
  });

  it('measures batch normalisation on the statistics of the held-out batch', () => {
    const problem = problems.batchNorm();
    const training = shortTraining([sgd], problem);
    const { heldOut } = lossesFrom(training, problem.weights);
    assert.ok(heldOut.every(Number.isFinite));
    training.dispose();
  });

  it('says when training diverges', () => {
    const training = shortTraining([{ ...sgd, learningRate: 1e20, clip: null }]);
    assert.throws(() => lossesFrom(training, problems.mlp().weights), { code: 'DIVERGED' });
    training.dispose();
  });
});
