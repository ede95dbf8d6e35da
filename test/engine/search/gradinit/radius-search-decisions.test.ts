import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bestRate,
  compareWithStart,
  isBetter,
  type Measurement,
  readGate,
  scoreOf,
} from '../../../../src/engine/search/gradinit/radius-search-decisions.ts';
import { createRandom } from '../../../../src/random.ts';

const measured = (
  candidate: number,
  losses: readonly number[] | null,
  change: Partial<Measurement> = {},
): Measurement => ({
  candidate,
  optimizer: 0,
  rateFactor: 1,
  seed: 1,
  horizon: 8,
  losses,
  rise: losses && 1,
  ...change,
});

describe('the score of a candidate', () => {
  it('is that of its best training rate, mean over the optimizers', () => {
    const all = [
      measured(0, [2, 4], { rateFactor: 0.3 }),
      measured(0, [1, 2]),
      measured(0, null, { rateFactor: 3 }),
      measured(0, [5, 5], { optimizer: 1 }),
      measured(0, [0, 0], { horizon: 9 }),
    ];
    assert.equal(scoreOf(all, 0, 8, 2), (1.5 + 5) / 2);
    assert.equal(scoreOf(all, 0, 8, 1), 1.5);
    assert.equal(bestRate(all, { candidate: 0, optimizer: 0, horizon: 8 }), 1);
    assert.equal(scoreOf(all, 1, 8, 1), Number.POSITIVE_INFINITY);
  });

  it('prefers the rate that will train where rates are equal', () => {
    const all = [0.3, 1, 3].map((rateFactor) => measured(0, [1], { rateFactor }));
    assert.equal(bestRate(all, { candidate: 0, optimizer: 0, horizon: 8 }), 1);
  });

  it('is infinite when one of the seeds diverged', () => {
    assert.equal(scoreOf([measured(0, [1]), measured(0, null, { seed: 2 })], 0, 8, 1), Number.POSITIVE_INFINITY);
  });
});

describe('the comparison with scale 1', () => {
  const pairs = (start: readonly number[], tuned: readonly number[], seed = 1) => [
    measured(0, start, { seed }),
    measured(1, tuned, { seed }),
  ];

  it('has the mean and the standard error of the paired differences', () => {
    const { difference, standardError, pairs: count } = compareWithStart(pairs([3, 4, 5], [2, 2, 2]), 1);
    assert.equal(difference, -2);
    assert.ok(Math.abs(standardError - Math.sqrt(2 / 3 / 2)) < 1e-12);
    assert.equal(count, 3);
  });

  it('holds a difference within twice its standard error for noise, and a tie for a tie', () => {
    assert.equal(isBetter(compareWithStart(pairs([1, 2, 3], [0.9, 2.2, 2.8]), 1)), false);
    assert.equal(isBetter(compareWithStart(pairs([1, 2, 3], [1, 2, 3]), 1)), false);
    assert.equal(isBetter(compareWithStart(pairs([1, 2, 3], [0.5, 1.4, 2.6]), 1)), true);
  });

  it('asks for every seed', () => {
    const all = [...pairs([9, 9], [1, 1.1], 1), ...pairs([1, 1], [1.1, 1.1], 2)];
    assert.equal(isBetter(compareWithStart(all, 1)), false);
  });

  it('takes no candidate that diverged, and any that did not where scale 1 did', () => {
    assert.equal(isBetter(compareWithStart([measured(0, [1, 2]), measured(1, null)], 1)), false);
    assert.equal(isBetter(compareWithStart([measured(0, null), measured(1, [1, 2])], 1)), true);
    assert.equal(isBetter(compareWithStart([], 1)), false);
  });

  it('never holds for a candidate whose mean loss is not lower, whatever the measurements', () => {
    const random = createRandom(1, 'decisions');
    for (let trial = 0; trial < 500; trial++) {
      const all = [1, 2].flatMap((seed) =>
        [0, 1].map((candidate) =>
          measured(candidate, random.uniform() < 0.1 ? null : [random.normal(), random.normal()], { seed }),
        ),
      );
      if (!isBetter(compareWithStart(all, 1))) continue;
      assert.ok(scoreOf(all, 1, 8, 1) < scoreOf(all, 0, 8, 1), JSON.stringify(all));
    }
  });
});

describe('the gate', () => {
  const sweep = (rises: readonly (number | null)[]) =>
    [0.3, 1, 3].map((rateFactor, index) => measured(0, [1], { rateFactor, rise: rises[index] as number | null }));

  it('finds the largest rate at which no loss rises', () => {
    assert.deepEqual(readGate(sweep([1, 1.01, 1.5]), 8), {
      riseByRateFactor: { 0.3: 1, 1: 1.01, 3: 1.5 },
      criticalRateFactor: 1,
      wellConditioned: true,
    });
    assert.equal(readGate(sweep([1, 1.3, null]), 8).wellConditioned, false);
    assert.equal(readGate(sweep([1, 1.3, null]), 8).criticalRateFactor, 0.3);
    assert.equal(readGate(sweep([2, null, null]), 8).criticalRateFactor, null);
  });

  it('asks for every optimizer', () => {
    const all = [...sweep([1, 1, 1]), ...sweep([1, 1.4, 1]).map((one) => ({ ...one, optimizer: 1 }))];
    assert.equal(readGate(all, 8).wellConditioned, false);
  });
});
