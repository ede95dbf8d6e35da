/** Weights under the names that other tools give them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkWeights, weightNotices } from '../../src/artifacts/check-weights.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';

const params = [
  { name: 'dense/kernel', shape: [2, 3] },
  { name: 'dense/bias', shape: [3] },
  { name: 'bn/moving_mean', shape: [3] },
  { name: 'bn/moving_variance', shape: [3] },
];

const zeros = (...shape: number[]) =>
  ndarray('float32', shape, new Float32Array(shape.reduce((product, extent) => product * extent, 1)));
const named = (rename: (name: string) => string) =>
  new Map<string, NDArray>(params.map(({ name, shape }) => [rename(name), zeros(...shape)]));

describe('names of weights', () => {
  const writings: [what: string, rename: (name: string) => string][] = [
    ['as they are', (name) => name],
    ['with the suffix of TensorFlow', (name) => `${name}:0`],
    ['with dots', (name) => name.replace('/', '.')],
    ['with the name of the model before them', (name) => `sequential/${name}`],
    ['with both', (name) => `model.${name.replace('/', '.')}:0`],
  ];
  for (const [what, rename] of writings)
    test(`are found ${what}`, () => {
      assert.deepEqual(
        [...checkWeights(named(rename), params).keys()],
        params.map(({ name }) => name),
      );
    });

  test('without the name that the parameters begin with', () => {
    const long = params.map(({ name, shape }) => ({ name: `outer/${name}`, shape }));
    assert.equal(
      checkWeights(
        named((name) => name),
        long,
      ).size,
      4,
    );
  });

  test('that could belong to several parameters are not guessed', () => {
    const twice = [
      { name: 'a/dense/kernel', shape: [2, 3] },
      { name: 'b/dense/kernel', shape: [2, 3] },
    ];
    const weights = new Map<string, NDArray>([['dense/kernel', zeros(2, 3)]]);
    assert.throws(() => checkWeights(weights, twice), { code: 'WEIGHTS_MISMATCH' });
  });

  test('of PyTorch are refused by name', () => {
    const weights = new Map<string, NDArray>([
      ['0.weight', zeros(3, 2)],
      ['0.bias', zeros(3)],
    ]);
    assert.throws(() => checkWeights(weights, params), {
      code: 'WEIGHTS_MISMATCH',
      message: /names are those of PyTorch/,
    });
  });
});

describe('tensors beside the parameters', () => {
  test('states of generators and optimizers are left aside and told', () => {
    const weights = named((name) => name);
    weights.set('dropout/seed_generator/seed_generator_state', ndarray('uint8', [2, 4], new Uint8Array(8)));
    weights.set('optimizer/iteration', ndarray('int32', [], new Int32Array(1)));
    weights.set('empty', zeros(0, 4));
    assert.equal(checkWeights(weights, params).size, 4);
    assert.match(weightNotices(weights, params).join(), /ignored.*seed_generator_state, optimizer\/iteration, empty/);
  });

  test('missing moving statistics are mean 0 and variance 1, and told', () => {
    const weights = named((name) => name);
    weights.delete('bn/moving_mean');
    weights.delete('bn/moving_variance');
    const checked = checkWeights(weights, params);
    assert.deepEqual([...(checked.get('bn/moving_variance')?.data ?? [])], [1, 1, 1]);
    assert.match(weightNotices(weights, params).join(), /missing.*bn\/moving_mean, bn\/moving_variance/);
  });
});
