/** The spectral condition: its numbers by hand, and that wide and narrow networks take steps of one size under it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { multiplied, uniformGroups } from '../../../src/engine/training/param-groups.ts';
import { createTrainer } from '../../../src/engine/training/trainer.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { problemOf } from '../../support/problems.ts';

const mlp = (width: number): Problem =>
  problemOf(buildZooModel('mlp', { inputShape: [10], sizes: [width, width], classes: 10 }), [10], 10);

const run = (problem: Problem, options: object) =>
  initialize({ problem, method: configureMethod('mup', { ...options }) });

const names = (problem: Problem) => problem.topology.layers.flatMap(({ params }) => params.map(({ name }) => name));

test('deviations and factors are those of the condition, for a base of half the width', async () => {
  const problem = mlp(64);
  const { weights, learningRateMultipliers } = await run(problem, { baseWidth: 32 });
  const [kernel1 = '', bias1 = '', kernel2 = '', bias2 = '', kernel3 = '', bias3 = ''] = names(problem);
  // [deviation, SGD, Adam]: input 10 -> 64, hidden 64 -> 64, output 64 -> 10 (Tensor Programs V, table 3, with widths twice the base).
  const expected: Record<string, [number, number, number]> = {
    [kernel1]: [Math.sqrt(2 / 10), 2, 1],
    [bias1]: [0, 2, 1],
    [kernel2]: [Math.sqrt(2 / 64), 1, 1 / 2],
    [bias2]: [0, 2, 1],
    [kernel3]: [Math.sqrt(2 / 64) * Math.sqrt(10 / 64), 1 / 2, 1 / 2],
    [bias3]: [0, 1, 1],
  };
  for (const [name, [deviation, sgd, adam]] of Object.entries(expected)) {
    const { data } = weights.get(name) as { data: Float32Array };
    const found = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
    assert.ok(Math.abs(found - deviation) <= 0.12 * deviation, `${name}: ${found}, expected ${deviation}`);
    assert.ok(Math.abs((learningRateMultipliers?.sgd[name] ?? 0) - sgd) < 1e-12, `${name}: SGD`);
    assert.ok(Math.abs((learningRateMultipliers?.adam[name] ?? 0) - adam) < 1e-12, `${name}: Adam`);
  }
});

test('without a base width the layers of one network are balanced against its median extent', async () => {
  const topology = buildZooModel('mlp', { inputShape: [10], sizes: [32, 64, 128], classes: 10 });
  const problem = problemOf(topology, [10], 10);
  const { learningRateMultipliers, findings } = await run(problem, {});
  const kernels = names(problem).filter((name) => name.endsWith('kernel'));
  // Hidden extents 32, 32, 64, 64, 128, 128: the median is 64.
  assert.deepEqual(
    kernels.map((name) => learningRateMultipliers?.adam[name]),
    [1, 2, 1, 0.5],
  );
  assert.deepEqual(
    kernels.map((name) => learningRateMultipliers?.sgd[name]),
    [0.5, 2, 2, 0.5],
  );
  assert.deepEqual(findings, { base: 'derived', width: 32 });
});

/** Root mean square of how far the outputs move in a few steps. */
async function movement(
  width: number,
  optimizer: 'sgd' | 'adam',
  rate: number,
): Promise<{ plain: number; mup: number }> {
  const problem = mlp(width);
  const { samples, loss, topology } = problem;
  if (!samples || !loss) throw new Error('the problem has no data');
  const { weights, learningRateMultipliers } = await run(problem, { baseWidth: 16 });
  const batch = samples.gather(Int32Array.from({ length: 64 }, (_, index) => index));
  const outputs = async (of: Problem['weights']) =>
    ((await infer(topology, of, batch.inputs))[0] as { data: Float32Array }).data;
  const before = await outputs(weights);
  const moved = async (factors: Readonly<Record<string, number>> | undefined) => {
    const trainer = createTrainer({
      topology,
      weights,
      samples,
      loss,
      optimizer: { name: optimizer },
      learningRate: rate,
      schedule: { kind: 'constant' },
      batchSize: 64,
      clip: null,
      groups: multiplied(uniformGroups(0), factors),
      seed: 0,
      execution: 'eager',
    });
    try {
      for (let step = 0; step < 3; step++) trainer.step();
      const after = await outputs(trainer.weights());
      return Math.sqrt(
        after.reduce((sum, value, index) => sum + (value - (before[index] ?? 0)) ** 2, 0) / after.length,
      );
    } finally {
      trainer.dispose();
    }
  };
  return { plain: await moved(undefined), mup: await moved(learningRateMultipliers?.[optimizer]) };
}

for (const [optimizer, rate] of [
  ['sgd', 0.05],
  ['adam', 0.002],
] as const) {
  test(`outputs of networks 16 and 256 wide move alike under the factors of ${optimizer}, not without them`, async () => {
    const [narrow, wide] = [await movement(16, optimizer, rate), await movement(256, optimizer, rate)];
    const ratio = wide.mup / narrow.mup;
    assert.ok(ratio > 1 / 2.5 && ratio < 2.5, `with the factors ${ratio}`);
    const without = wide.plain / narrow.plain;
    assert.ok(Math.abs(Math.log(without)) > 1.5 * Math.abs(Math.log(ratio)), `without ${without}, with ${ratio}`);
  });
}

test('a network without hidden extents is refused', () => {
  const layers = [{ class_name: 'Dense', config: { name: 'only', units: 3, batch_input_shape: [null, 4] } }];
  const { topology } = problemOf({ class_name: 'Sequential', config: { name: 'flat', layers } }, [4], 3);
  const { method, options } = configureMethod('mup');
  assert.ok(!method.applicability(topology, options as never).applicable);
});
