/** AutoInit against second moments from quadrature and signals that were measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { infer } from '../../../src/engine/network/infer.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { createRandom } from '../../../src/random.ts';
import { chain, kernelOf, type Layers, run, variance } from '../../support/method-runs.ts';

// E[f(z)^2] for z ~ N(0, 1): 1/2 for a rectifier, which gives He's variance; by quadrature in SciPy for tanh.
for (const [activation, power] of [
  ['relu', 0.5],
  ['tanh', 0.394294],
  ['linear', 1],
] as const) {
  test(`autoinit divides by the second moment that ${activation} leaves`, async () => {
    const problem = chain(
      [300],
      [
        ['Dense', { units: 300, activation }],
        ['Dense', { units: 200 }],
      ],
      2,
    );
    const { weights } = await run('autoinit', problem);
    const [first, second] = ['layer0/kernel', 'layer1/kernel'].map((name) => variance(kernelOf({ weights }, name)));
    assert.ok(Math.abs((first ?? 0) * 300 - 1) < 0.03, `first ${first}`);
    assert.ok(Math.abs((second ?? 0) * 300 * power - 1) < 0.03, `second ${second}`);
  });
}

test('autoinit keeps the signal of a deep plain network at unit variance, which Xavier does not', async () => {
  const layers: Layers = Array.from({ length: 20 }, () => ['Dense', { units: 100, activation: 'elu' }]);
  const problem = chain([100], [...layers, ['Dense', { units: 100 }]], 2);
  const random = createRandom(1, 'inputs');
  const inputs = ndarray(
    'float32',
    [64, 100],
    Float32Array.from({ length: 6400 }, () => random.normal()),
  );
  const spread = async (name: string) => {
    const { weights } = await run(name, problem);
    const [output] = await infer(problem.topology, weights, [inputs]);
    return variance(Array.from(output?.data ?? []));
  };
  const [own, xavier] = [await spread('autoinit'), await spread('xavier')];
  assert.ok(own > 0.4 && own < 2.5, `autoinit ${own}`);
  assert.ok(Math.abs(Math.log(xavier)) > 2 * Math.abs(Math.log(own)), `xavier ${xavier}`);
});
