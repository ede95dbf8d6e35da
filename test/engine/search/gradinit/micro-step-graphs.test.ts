import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitDataset, openDataset } from '../../../../src/datasets/index.ts';
import { partitionParams } from '../../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { createNetwork } from '../../../../src/engine/network/network.ts';
import { createMicroStepGraphs, splitIndices } from '../../../../src/engine/search/gradinit/micro-step-graphs.ts';
import { createStepGraphs, type SimulatedOptimizer } from '../../../../src/engine/search/gradinit/step-graphs.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { parseModel } from '../../../../src/models/index.ts';
import { buildZooModel } from '../../../../src/models/zoo/index.ts';
import { initialWeights } from '../../../../src/topology/draw-initial.ts';
import { lossOfOne } from '../../../support/loss-of-one.ts';

installGradients();

async function problemOf(options: object) {
  const topology = buildZooModel('vgg', { inputShape: [8, 8, 1], classes: 10, widths: [[4, 4], [8]], ...options });
  const parsed = parseModel({ format: 'tfjs-layers', topology });
  const samples = fitDataset(await openDataset('builtin:digits'), parsed.topology);
  const weights = initialWeights(parsed.topology, 3);
  const partition = partitionParams(parsed.topology, weights, () => ({ rate: 0.1, lower: 0, upper: Infinity }));
  const problem = { network: createNetwork(parsed.topology), partition, loss: lossOfOne('softmax-cross-entropy') };
  return { problem, weights, samples };
}

const optimizers: readonly SimulatedOptimizer[] = [
  { name: 'sgd', norm: 'l2', eta: 0.1, normalize: true, gamma: 1 },
  { name: 'adam', norm: 'l1', eta: 1e-3, normalize: false, gamma: 1 },
];

const relative = (a: number, b: number, scale: number) => Math.abs(a - b) / scale;

for (const optimizer of optimizers) {
  for (const branch of ['constraint-0', 'objective'] as const) {
    test(`micro-batches give the numbers of the whole batch: ${optimizer.name}, ${branch}`, async () => {
      const { problem, weights, samples } = await problemOf({ batchNorm: false });
      const before = tf.memory().numTensors;
      const whole = createStepGraphs(problem, weights, samples, [optimizer], 'graph');
      const pieces = createMicroStepGraphs(problem, weights, samples, optimizer, 7, 'graph');
      const alphas = problem.partition.tuned.map((_, k) => 1 + 0.1 * k);
      const indices = [0, 40].map((from) => Int32Array.from({ length: 30 }, (_, index) => from + index));
      const [a, b] = [whole.run(branch, alphas, indices), pieces.run(branch, alphas, indices)];
      whole.dispose();
      pieces.dispose();
      assert.ok(relative(a.loss, b.loss, a.loss) < 1e-5);
      assert.ok(relative(a.norms[0] ?? 0, b.norms[0] ?? 0, a.norms[0] ?? 1) < 1e-5);
      assert.equal(a.steppedLosses.length, b.steppedLosses.length);
      const largest = Math.max(...a.gradients.map((q) => Math.abs(q ?? 0)));
      assert.ok(largest > 0);
      for (const [k, q] of a.gradients.entries()) {
        assert.ok(relative(q ?? 0, b.gradients[k] ?? 0, largest) < 1e-4, `scale ${k}`);
      }
      assert.equal(tf.memory().numTensors, before);
    });
  }
}

test('a batch is split into consecutive pieces, the last one short', () => {
  assert.deepEqual(
    splitIndices([5, 6, 7, 8, 9], 2).map((piece) => [...piece]),
    [[5, 6], [7, 8], [9]],
  );
});
