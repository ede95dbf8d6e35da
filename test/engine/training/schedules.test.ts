import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateAt, type Schedule } from '../../../src/engine/training/schedules.ts';

const base = 0.2;
const rows: readonly [string, Schedule, readonly number[]][] = [
  ['a constant rate', { kind: 'constant' }, [0.2, 0.2, 0.2]],
  [
    'a warm-up reaches the base rate in its last iteration and stays',
    { kind: 'warm-up', iterations: 4 },
    [0.05, 0.1, 0.15, 0.2, 0.2],
  ],
  [
    'a cosine starts at the base rate and ends at zero',
    { kind: 'cosine', iterations: 4 },
    [0.2, 0.1 * (1 + Math.SQRT1_2), 0.1, 0.1 * (1 - Math.SQRT1_2), 0, 0],
  ],
  ['a warm-up before the cosine', { kind: 'cosine', iterations: 4, warmUpIterations: 2 }, [0.1, 0.2, 0.2, 0.1, 0]],
];

for (const [title, schedule, expected] of rows) {
  test(title, () => {
    expected.forEach((rate, iteration) => {
      assert.ok(Math.abs(rateAt(schedule, base, iteration) - rate) < 1e-12, `iteration ${iteration}`);
    });
  });
}
