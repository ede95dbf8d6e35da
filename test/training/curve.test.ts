import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCurve } from '../../src/training/curve.ts';

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

test('a curve made from the state of another goes on as that one', () => {
  for (let cut = 0; cut < 100; cut++) {
    const whole = createCurve(8);
    let resumed = createCurve(8);
    for (let step = 0; step < 100; step++) {
      if (step === cut) resumed = createCurve(8, JSON.parse(JSON.stringify(resumed.state())));
      for (const curve of [whole, resumed]) curve.add(step, Math.sin(step));
    }
    assert.deepEqual(resumed.points(), whole.points());
  }
});
