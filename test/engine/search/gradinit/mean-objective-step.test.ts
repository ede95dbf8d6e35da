import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionParams } from '../../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { createNetwork } from '../../../../src/engine/network/network.ts';
import {
  createStepGraphs,
  type SimulatedOptimizer,
  type SimulatedOptimizers,
} from '../../../../src/engine/search/gradinit/step-graphs.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { lossOfOne } from '../../../support/loss-of-one.ts';
import { problems } from '../../../support/problems.ts';

installGradients();

const sgd: SimulatedOptimizer = { name: 'sgd', norm: 'l2', eta: 0.1, gamma: 2, normalize: true };
const adam: SimulatedOptimizer = { name: 'adam', norm: 'l1', eta: 1e-3, gamma: 50, normalize: false };

function graphsOf(optimizers: SimulatedOptimizers) {
  const problem = problems.batchNorm();
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const step = { network: createNetwork(problem.topology), partition, loss: lossOfOne('softmax-cross-entropy') };
  const graphs = createStepGraphs(step, problem.weights, problem.samples as never, optimizers, 'graph');
  const indices = [
    Array.from({ length: 16 }, (_, index) => index),
    Array.from({ length: 16 }, (_, index) => 20 + index),
  ];
  const alphas = partition.tuned.map((_, k) => 1 + 0.05 * k);
  const run = (branch: 'objective' | 'constraint-0' | 'constraint-1') => graphs.run(branch, alphas, indices);
  return { run, dispose: graphs.dispose };
}

const close = (a: number, b: number) => Math.abs(a - b) <= 2e-5 * Math.max(Math.abs(a), Math.abs(b)) + 1e-6;

test('several optimizers see the mean of the losses after their own steps, in the unit of the first', () => {
  const before = tf.memory().numTensors;
  const [both, one, other] = [graphsOf([sgd, adam]), graphsOf([sgd]), graphsOf([adam])];
  const [mean, ofSgd, ofAdam] = [both, one, other].map(({ run }) => run('objective')) as [Numbers, Numbers, Numbers];
  assert.ok(close(mean.norms[0] ?? 0, ofSgd.norms[0] ?? 1) && close(mean.norms[1] ?? 0, ofAdam.norms[0] ?? 1));
  assert.ok(close(mean.steppedLosses[0] ?? 0, ofSgd.steppedLosses[0] ?? 1));
  assert.ok(close(mean.steppedLosses[1] ?? 0, ofAdam.steppedLosses[0] ?? 1));
  mean.gradients.forEach((q, k) => {
    // q_A = dL_A / eta_A, so the mean in the unit of the first is (eta_1 q_1 + eta_2 q_2) / (2 eta_1).
    const expected = (sgd.eta * (ofSgd.gradients[k] ?? 0) + adam.eta * (ofAdam.gradients[k] ?? 0)) / (2 * sgd.eta);
    assert.ok(close(q ?? 0, expected), `scale ${k}: ${q}, ${expected}`);
  });
  for (const graphs of [both, one, other]) graphs.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('the constraint of one of several optimizers is that of the optimizer alone, divided by its bound', () => {
  const [both, other] = [graphsOf([sgd, adam]), graphsOf([adam])];
  const [shared, alone] = [both.run('constraint-1'), other.run('constraint-0')];
  assert.equal(shared.norms.length, 2);
  assert.ok(close(shared.norms[1] ?? 0, alone.norms[0] ?? 1));
  shared.gradients.forEach((q, k) => {
    assert.ok(close(q ?? 0, (alone.gradients[k] ?? 0) / adam.gamma), `scale ${k}: ${q}, ${alone.gradients[k]}`);
  });
  both.dispose();
  other.dispose();
});

type Numbers = ReturnType<ReturnType<typeof graphsOf>['run']>;
