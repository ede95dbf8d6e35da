import assert from 'node:assert/strict';
import { test } from 'node:test';
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
