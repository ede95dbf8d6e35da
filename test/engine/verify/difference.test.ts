import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivativeAtZero, displacements } from '../../../src/engine/verify/difference.ts';

const table = [
  { title: 'a cubic', f: (x: number) => 3 + 2 * x - x ** 2 + 5 * x ** 3, derivative: 2 },
  { title: 'an exponential', f: (x: number) => Math.exp(4 * x), derivative: 4 },
  { title: 'a reciprocal', f: (x: number) => 1 / (1 + x), derivative: -1 },
  { title: 'a steep power', f: (x: number) => (1 + x) ** 20, derivative: 20 },
  { title: 'a small slope on a large value', f: (x: number) => 100 + 0.05 * x, derivative: 0.05 },
];

for (const { title, f, derivative } of table) {
  for (const [precision, round, tolerance] of [
    ['float64', (value: number) => value, 1e-3],
    ['float32', Math.fround, 5e-3],
  ] as const) {
    test(`the derivative of ${title} is found in ${precision}`, () => {
      const { value } = derivativeAtZero((h) => [round(f(h)), round(f(-h))]);
      assert.ok(Math.abs(value - derivative) <= tolerance * Math.abs(derivative), `${value}, expected ${derivative}`);
    });
  }
}

test('a constant has derivative zero', () => {
  assert.equal(derivativeAtZero(() => [7, 7]).value, 0);
});

test('what is not finite stays visible', () => {
  assert.ok(Number.isNaN(derivativeAtZero(() => [Number.NaN, 1]).value));
});

test('displaced scales are exact in float32', () => {
  for (const h of displacements) assert.equal(Math.fround(1 + h), 1 + h);
});
