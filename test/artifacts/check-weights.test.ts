import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkWeights } from '../../src/artifacts/check-weights.ts';
import { AppError } from '../../src/errors.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';

const params = [
  { name: 'conv/kernel', shape: [1, 2] },
  { name: 'conv/bias', shape: [2] },
  { name: 'scale', shape: [] },
];

const fitting = (): Map<string, NDArray> =>
  new Map([
    ['scale', ndarray('float32', [], Float32Array.of(1))],
    ['conv/bias', ndarray('float32', [2], Float32Array.of(0, 0))],
    ['conv/kernel', ndarray('float32', [1, 2], Float32Array.of(3, 4))],
  ]);

test('fitting weights come back in the order of the parameters', () => {
  assert.deepEqual([...checkWeights(fitting(), params).keys()], ['conv/kernel', 'conv/bias', 'scale']);
});

test('moving statistics that nobody asked for are ignored', () => {
  const weights = fitting().set('norm/moving_mean', ndarray('float32', [1], Float32Array.of(Number.NaN)));
  weights.set('moving_variance', ndarray('int32', [1], Int32Array.of(1)));
  assert.equal(checkWeights(weights, params).size, 3);
});

const rows: [string, (weights: Map<string, NDArray>) => unknown, RegExp][] = [
  ['a missing parameter', (w) => w.delete('conv/bias'), /"conv\/bias" is missing \(expected shape \[2\]\)/],
  [
    'an extra one',
    (w) => w.set('dense/kernel', ndarray('float32', [1], Float32Array.of(1))),
    /"dense\/kernel" is no parameter/,
  ],
  [
    'a name that only looks like a statistic',
    (w) => w.set('xmoving_mean', ndarray('float32', [1], Float32Array.of(1))),
    /"xmoving_mean" is no/,
  ],
  [
    'another shape',
    (w) => w.set('conv/kernel', ndarray('float32', [2, 1], Float32Array.of(1, 2))),
    /shape \[2,1\], expected \[1,2\]/,
  ],
  ['another rank', (w) => w.set('scale', ndarray('float32', [2], Float32Array.of(1, 1))), /shape \[2\], expected \[\]/],
  [
    'another dtype',
    (w) => w.set('conv/bias', ndarray('int32', [2], Int32Array.of(1, 2))),
    /"conv\/bias" is int32, expected float32/,
  ],
  [
    'NaN',
    (w) => w.set('conv/bias', ndarray('float32', [2], Float32Array.of(0, Number.NaN))),
    /"conv\/bias" holds NaN at element 1/,
  ],
  [
    'infinity',
    (w) => w.set('scale', ndarray('float32', [], Float32Array.of(-Infinity))),
    /"scale" holds -Infinity at element 0/,
  ],
];

for (const [what, change, pattern] of rows) {
  test(`${what} is refused by name`, () => {
    const weights = fitting();
    change(weights);
    assert.throws(() => checkWeights(weights, params), { code: 'WEIGHTS_MISMATCH', message: pattern });
  });
}

test('all problems are named at once, a bounded number of them in the message', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ name: `layer_${index}/kernel`, shape: [1] }));
  assert.throws(
    () => checkWeights(fitting(), many),
    (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal((error.details.problems as unknown[]).length, 33);
      assert.match(error.message, /"scale" is no parameter.*"layer_0\/kernel" is missing.*and 23 more$/);
      return true;
    },
  );
});
