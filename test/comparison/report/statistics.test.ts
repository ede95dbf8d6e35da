import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCurve } from '../../../src/comparison/report/curve.ts';
import { spreadOf } from '../../../src/comparison/report/statistics.ts';

test('the spread of a sample divides by n - 1', () => {
  assert.deepEqual(spreadOf([1, 2, 3, 4]), { mean: 2.5, sd: Math.sqrt(5 / 3), n: 4 });
});

test('one value has a mean and no spread, none has nothing, missing ones do not count', () => {
  assert.deepEqual(spreadOf([3]), { mean: 3, sd: null, n: 1 });
  assert.equal(spreadOf([]), null);
  assert.equal(spreadOf([null]), null);
  assert.deepEqual(spreadOf([null, 5, 5]), { mean: 5, sd: 0, n: 2 });
});

for (const steps of [1, 7, 8, 9, 100, 1001]) {
  test(`a curve of ${steps} steps keeps its mean and stays within its limit`, () => {
    const curve = createCurve(8);
    for (let step = 0; step < steps; step++) curve.add(step, step);
    const points = curve.points();
    assert.ok(points.length <= 8);
    assert.ok(points.every(({ step, loss }) => Math.abs(step - loss) < 1e-9));
    assert.ok(points.every(({ step }, index) => index === 0 || step > (points[index - 1]?.step ?? 0)));
    assert.equal(points[0]?.step === 0, steps < 8);
  });
}
