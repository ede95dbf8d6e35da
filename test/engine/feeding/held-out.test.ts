import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdOut } from '../../../src/engine/feeding/held-out.ts';
import { randomSamples } from '../../support/problems.ts';

const firstInputs = (batch: ReturnType<ReturnType<typeof randomSamples>['gather']>) =>
  Array.from(batch.inputs[0]?.data ?? []);

for (const [size, count, batchSize, total] of [
  [100, 4, 4, 16],
  [100, 4, 16, 20],
  [7, 3, 2, 1],
  [2, 4, 128, 1],
] as const) {
  test(`of ${size} samples ${total} are held out for ${count} batches of ${batchSize}, and none of them is trained on`, () => {
    const samples = randomSamples([1], 3, size);
    const { training, batches } = holdOut(samples, { count, batchSize, seed: 3 });
    const heldOut = batches.flatMap((indices) => Array.from(indices));
    assert.equal(heldOut.length, total);
    assert.equal(new Set(heldOut).size, total);
    assert.ok(batches.length <= count && batches.every(({ length }) => length > 0));
    assert.equal(training.size, size - total);
    const trained = firstInputs(training.gather(Array.from({ length: training.size }, (_, index) => index)));
    const kept = Array.from({ length: size }, (_, index) => index).filter((index) => !heldOut.includes(index));
    assert.deepEqual(trained, firstInputs(samples.gather(kept)));
  });
}

test('the same seed holds out the same samples, another seed others', () => {
  const samples = randomSamples([1], 3, 50);
  const at = (seed: number) =>
    holdOut(samples, { count: 2, batchSize: 5, seed }).batches.map((batch) => Array.from(batch));
  assert.deepEqual(at(1), at(1));
  assert.notDeepEqual(at(1), at(2));
});

test('a single sample is trained on and measured', () => {
  const { training, batches } = holdOut(randomSamples([1], 3, 1), { count: 4, batchSize: 8, seed: 0 });
  assert.equal(training.size, 1);
  assert.deepEqual(
    batches.map((batch) => Array.from(batch)),
    [[0]],
  );
});
