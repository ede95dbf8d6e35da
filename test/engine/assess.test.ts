import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitDataset, openDataset } from '../../src/datasets/index.ts';
import { assess } from '../../src/engine/assess.ts';
import { tf } from '../../src/engine/tf.ts';
import { parseModel } from '../../src/models/index.ts';
import { buildZooModel } from '../../src/models/zoo/index.ts';
import { ndarray } from '../../src/ndarray.ts';
import { initialWeights } from '../../src/topology/draw-initial.ts';

async function problemOf() {
  const { topology } = parseModel({
    format: 'tfjs-layers',
    topology: buildZooModel('mlp', { inputShape: [64], classes: 10 }),
  });
  const samples = fitDataset(await openDataset('builtin:digits'), topology);
  const loss = { name: 'softmax-cross-entropy', options: {} } as const;
  return { topology, weights: initialWeights(topology, 1), samples, loss, seed: 1 };
}

test('weights of zero give the loss of guessing, ln 10, and the same weights the same numbers in both modes', async () => {
  const problem = await problemOf();
  const zeros = new Map(
    [...problem.weights].map(([name, { shape, data }]) => [
      name,
      ndarray(
        'float32',
        shape,
        data.map(() => 0),
      ),
    ]),
  );
  const batch = problem.samples.gather(Int32Array.from({ length: 50 }, (_, index) => index));
  const before = tf.memory().numTensors;
  const [guess, drawn] = assess(problem, [zeros, problem.weights], batch, 'graph');
  const [, eager] = assess(problem, [zeros, problem.weights], batch, 'eager');
  assert.ok(Math.abs((guess?.loss ?? 0) - Math.log(10)) < 1e-5);
  assert.ok((drawn?.gradientNorm ?? 0) > 0);
  assert.ok(Math.abs((drawn?.gradientNorm ?? 0) / (eager?.gradientNorm ?? 1) - 1) < 1e-5);
  assert.equal(tf.memory().numTensors, before);
});
