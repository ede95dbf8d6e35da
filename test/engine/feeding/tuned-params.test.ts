import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normOf, partitionParams } from '../../../src/engine/feeding/tuned-params.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { problemOf } from '../../support/problems.ts';

const layer = (class_name: string, config: object) => ({ class_name, config });
const problem = problemOf(
  {
    class_name: 'Sequential',
    config: {
      name: 'n',
      layers: [
        layer('Dense', { name: 'd1', units: 4, bias_initializer: layer('Ones', {}), batch_input_shape: [null, 6] }),
        layer('LayerNormalization', { name: 'ln' }),
        layer('Dense', { name: 'frozen', units: 4, trainable: false }),
        layer('BatchNormalization', { name: 'bn' }),
        layer('Dense', { name: 'd2', units: 3 }),
      ],
    },
  },
  [6],
  3,
);
const bounds = { rate: 0.1, lower: 0, upper: Infinity };

test('trainable parameters keep their order; those of norm zero are skipped with a reason; the rest is fixed', () => {
  const { trainable, tuned, skipped, fixed } = partitionParams(problem.topology, problem.weights, () => bounds);
  assert.deepEqual(
    trainable.map(({ name }) => name),
    ['d1/kernel', 'd1/bias', 'ln/gamma', 'ln/beta', 'bn/gamma', 'bn/beta', 'd2/kernel', 'd2/bias'],
  );
  assert.deepEqual(
    tuned.map(({ name, index }) => [name, index]),
    [
      ['d1/kernel', 0],
      ['d1/bias', 1],
      ['ln/gamma', 2],
      ['bn/gamma', 4],
      ['d2/kernel', 6],
    ],
  );
  assert.deepEqual(
    skipped.map(({ parameter }) => parameter),
    ['ln/beta', 'bn/beta', 'd2/bias'],
  );
  assert.ok(skipped.every(({ reason }) => /norm is zero/.test(reason)));
  assert.deepEqual(
    fixed.map(({ name }) => name),
    ['frozen/kernel', 'frozen/bias', 'bn/moving_mean', 'bn/moving_variance'],
  );
});

test('bounds are asked for each tuned parameter, gains of layer normalisations marked', () => {
  const asked: [string, boolean][] = [];
  partitionParams(problem.topology, problem.weights, ({ name }, { layerNormGain }) => {
    asked.push([name, layerNormGain]);
    return bounds;
  });
  assert.deepEqual(asked, [
    ['d1/kernel', false],
    ['d1/bias', false],
    ['ln/gamma', true],
    ['bn/gamma', false],
    ['d2/kernel', false],
  ]);
});

test('a missing tensor and one that is not finite are named', () => {
  const without = new Map([...problem.weights].filter(([name]) => name !== 'ln/gamma'));
  assert.throws(() => partitionParams(problem.topology, without, () => bounds), {
    code: 'WEIGHTS_MISMATCH',
    message: /ln\/gamma/,
  });
  const broken = new Map([
    ...problem.weights,
    ['d2/kernel', ndarray('float32', [4, 3], new Float32Array(12).fill(Number.NaN))] as const,
  ]);
  assert.throws(() => partitionParams(problem.topology, broken, () => bounds), {
    code: 'DIVERGED',
    details: { parameter: 'd2/kernel' },
  });
});

test('norms are summed in float64', () => {
  assert.equal(normOf(new Float32Array(4).fill(1e30), 'w'), 2e30 * (Math.fround(1e30) / 1e30));
  assert.equal(normOf(new Float32Array(3), 'w'), 0);
  assert.ok(normOf(new Float32Array([1e-30]), 'w') > 0);
});
