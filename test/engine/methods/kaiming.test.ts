/** What sets Kaiming apart from the other data-free methods, whose common properties are in ./data-free.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import type { Weights } from '../../../src/engine/run.ts';
import { problemOf } from '../../support/problems.ts';

const layer = (class_name: string, config: object) => ({ class_name, config });
const problem = problemOf(
  {
    class_name: 'Sequential',
    config: {
      name: 'n',
      layers: [
        layer('Conv2D', {
          name: 'c',
          filters: 64,
          kernel_size: [3, 5],
          bias_initializer: layer('Ones', {}),
          batch_input_shape: [null, 8, 8, 16],
        }),
        layer('BatchNormalization', { name: 'b', gamma_initializer: layer('Constant', { value: 0.5 }) }),
        layer('GlobalAveragePooling2D', { name: 'p' }),
        layer('Dense', { name: 'd', units: 400 }),
      ],
    },
  },
  [8, 8, 16],
  400,
);
const fans = { 'c/kernel': { fanIn: 3 * 5 * 16, fanOut: 3 * 5 * 64 }, 'd/kernel': { fanIn: 64, fanOut: 400 } } as const;

const draw = async (options: Record<string, unknown> = {}): Promise<Weights> =>
  (await initialize({ problem, method: configureMethod('kaiming', options) })).weights;
const dataOf = (weights: Weights, name: string) => Array.from(weights.get(name)?.data ?? []);

for (const mode of ['fanIn', 'fanOut'] as const) {
  for (const distribution of ['normal', 'uniform'] as const) {
    for (const gain of [Math.SQRT2, 0.5]) {
      test(`${distribution} kernels have variance gain^2 / ${mode} for gain ${gain.toFixed(2)}`, async () => {
        const weights = await draw({ mode, distribution, gain });
        for (const name of ['c/kernel', 'd/kernel'] as const) {
          const data = dataOf(weights, name);
          const std = gain / Math.sqrt(fans[name][mode]);
          const measured = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
          assert.ok(Math.abs(measured / std - 1) < 0.03, `${name}: ${measured}, expected ${std}`);
          assert.ok(
            Math.abs(data.reduce((sum, value) => sum + value, 0) / data.length) < (4 * std) / Math.sqrt(data.length),
          );
          const largest = Math.max(...data.map(Math.abs));
          if (distribution === 'uniform') assert.ok(largest <= std * Math.sqrt(3) * (1 + 1e-6) && largest > std * 1.7);
          else assert.ok(largest > 3.3 * std, 'normal kernels are not truncated');
        }
      });
    }
  }
}

test('biases become zero; gains, offsets and statistics stay as they were', async () => {
  const weights = await draw();
  assert.ok(dataOf(problem.weights, 'c/bias').every((value) => value === 1));
  for (const name of ['c/bias', 'd/bias'])
    assert.ok(
      dataOf(weights, name).every((value) => value === 0),
      name,
    );
  for (const name of ['b/gamma', 'b/moving_mean', 'b/moving_variance'])
    assert.deepEqual(dataOf(weights, name), dataOf(problem.weights, name));
  assert.ok(dataOf(weights, 'b/gamma').every((value) => value === 0.5));
});

test('the defaults are normal, fan-out and sqrt(2)', async () => {
  assert.deepEqual(await draw(), await draw({ distribution: 'normal', mode: 'fanOut', gain: Math.SQRT2 }));
});
