/** Shares of the workers, by counts: three owners with 60, 20 and 10 jobs on four workers; the last one comes when the jobs of the others wait already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Priority, priorities } from '../../src/contract/job-spec.ts';
import { createRandom } from '../../src/random.ts';
import { testService } from '../support/queue-service.ts';
import { countByOwner, type SimulatedJob, simulateQueue, withContention } from '../support/queue-simulation.ts';

const service = await testService();
const workers = 4;
const lightArrivesAt = 40;
const random = createRandom(1, 'fairness');

// Jobs of different lengths: workers become free one by one.
const jobsOf = (owner: string, count: number, arrivesAt: number, priorityOf: (at: number) => Priority) =>
  Array.from(
    { length: count },
    (_, at): SimulatedJob => ({ owner, priority: priorityOf(at), arrivesAt, seconds: 8 + 4 * random.uniform() }),
  );

const runs = await simulateQueue(
  service.client,
  [
    ...jobsOf('heavy', 60, 0, () => 'high'),
    ...jobsOf('mixed', 20, 0, (at) => priorities[2 - (at % 3)] ?? 'normal'),
    ...jobsOf('light', 10, lightArrivesAt, () => 'low'),
  ],
  workers,
);

const ofOwner = (owner: string) => runs.filter((run) => run.owner === owner);
const differsByOne = (a = 0, b = 0) => Math.abs(a - b) <= 1;

test('every job of every owner is run, once', () => {
  assert.deepEqual(countByOwner(runs), { heavy: 60, mixed: 20, light: 10 });
});

test('owners that wait get equal shares of the workers, whatever they have queued and whatever its priority', () => {
  const of = (owners: string) =>
    countByOwner(
      withContention(runs)
        .filter(({ waiting }) => waiting.join() === owners)
        .map(({ run }) => run),
    );
  const early = countByOwner(runs.filter(({ startsAt }) => startsAt < lightArrivesAt));
  assert.ok((early.heavy ?? 0) > workers && differsByOne(early.heavy, early.mixed), JSON.stringify(early));

  const three = of('heavy,light,mixed');
  assert.equal(three.light, 10, 'no other owner ran out of jobs first');
  assert.ok(differsByOne(three.heavy, 10) && differsByOne(three.mixed, 10), JSON.stringify(three));
});

test('the k-th job of an owner that comes late lets at most k jobs of each other owner go first', () => {
  const late = runs.filter(({ startsAt }) => startsAt >= lightArrivesAt);
  ofOwner('light').forEach((run, at) => {
    const ahead = countByOwner(late.slice(0, late.indexOf(run)));
    for (const owner of ['heavy', 'mixed']) assert.ok((ahead[owner] ?? 0) <= at + 1, `${at}: ${JSON.stringify(ahead)}`);
  });
});

test('among the jobs of one owner the priority class decides', () => {
  const ranks = ofOwner('mixed').map(({ priority }) => priorities.indexOf(priority));
  assert.deepEqual(
    ranks,
    [...ranks].sort((a, b) => a - b),
  );
});
