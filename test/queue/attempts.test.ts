import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobEvent } from '../../src/contract/job-state.ts';
import { isTerminal } from '../../src/contract/job-status.ts';
import type { CheckpointPointer } from '../../src/jobs/checkpoints/checkpoints.ts';
import { type Attempt, createAttempts } from '../../src/queue/index.ts';
import { createRandom } from '../../src/random.ts';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();
const { jobs, keys } = service.client;
const redis = service.client.connectPatient('attempts');
const retryPolicy = { maxAttempts: 3, initialMs: 1000, factor: 2, maxMs: 1500, nonRetryable: ['INTERNAL'] };
const options = { eventsPerJob: 1000, retryPolicy };
const pointer = (iteration: number): CheckpointPointer => ({
  key: `c${iteration}`,
  phase: 'initializing',
  iteration,
  bytes: 1,
});
const attempts = createAttempts(redis, keys, options);

async function begun(spec: object = digitsJob(10)): Promise<{ id: string; attempt: Attempt }> {
  const id = await service.submit(spec);
  const attempt = await attempts.begin(`${id}.1`, 'cpu');
  assert.ok(attempt);
  return { id, attempt };
}

test('an attempt that begins makes the job running, with a number, a device and a start', async () => {
  const { id, attempt } = await begun();
  const record = await jobs.get(id);
  assert.deepEqual(attempt.record, record);
  assert.deepEqual([record?.status, record?.phase, record?.attempt, record?.device], ['running', 'loading', 1, 'cpu']);
  assert.ok(record?.startedAt);
  assert.deepEqual(attempt.checkpoints, []);
  assert.equal(await jobs.position(id), null);
});

test('once another attempt has begun, every write of the older one is refused and changes nothing', async () => {
  const { id, attempt } = await begun();
  const second = await attempts.begin(`${id}.1`, 'cpu');
  assert.equal(second?.record.attempt, 2);
  const before = await jobs.get(id);
  assert.equal(await attempt.status(), null);
  assert.equal(await attempt.report({ phase: 'finalizing' }, { type: 'status', data: {} }), null);
  const stale = await attempt.checkpoint(pointer(5));
  assert.deepEqual(stale, { status: null, unused: ['c5'] }, 'nobody will read what it wrote');
  assert.equal(await attempt.finish('succeeded', {}), false);
  await attempt.release(false, 'stale');
  assert.deepEqual(await jobs.get(id), before);
  assert.equal(await second?.status(), 'running');
  assert.equal(await second?.finish('succeeded', {}), true);
});

test('the last two checkpoints come back in the next attempt, newest first; those before are told to be of no use', async () => {
  const { id, attempt } = await begun();
  assert.deepEqual(await attempt.checkpoint(pointer(1)), { status: 'running', unused: [] });
  assert.deepEqual(await attempt.checkpoint(pointer(2)), { status: 'running', unused: [] });
  assert.deepEqual(await attempt.checkpoint(pointer(3)), { status: 'running', unused: ['c1'] });
  assert.deepEqual(await attempt.checkpoint(pointer(3)), { status: 'running', unused: [] }, 'said twice');
  const second = await attempts.begin(`${id}.1`, 'cpu');
  assert.deepEqual(second?.checkpoints, [pointer(3), pointer(2)]);
  assert.deepEqual(await service.client.checkpoints(id), [pointer(3), pointer(2)]);
  await second?.finish('failed', { error: { code: 'DIVERGED', message: 'x' } });
  assert.equal(await redis.exists(keys.checkpoints(id)), 0, 'a finished job keeps no checkpoint');
  await jobs.requeue(id);
  assert.deepEqual((await attempts.begin(`${id}.2`, 'cpu'))?.checkpoints, [], 'a retried job starts over');
});

test('a job whose process dies on every attempt fails as WORKER_LOST with the last reason', async () => {
  const { id, attempt } = await begun();
  await attempt.release(true, 'the process was ended by SIGSEGV');
  // Two workers that vanish without a word.
  assert.ok(await attempts.begin(`${id}.1`, 'cpu'));
  assert.equal((await attempts.begin(`${id}.1`, 'cpu'))?.record.failures, 2);
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null);
  const record = await jobs.get(id);
  assert.deepEqual([record?.status, record?.attempt, record?.error?.code], ['failed', 3, 'WORKER_LOST']);
  assert.match(record?.error?.message ?? '', /3 attempts.*SIGSEGV/);
});

test('attempts that are handed back in good order do not count, whatever their number', async () => {
  const { id, attempt } = await begun();
  let current: Attempt | null = attempt;
  for (let at = 2; at <= 6; at += 1) {
    assert.equal(await current?.release(false, 'drain'), 0);
    current = await attempts.begin(`${id}.1`, 'cpu');
    assert.deepEqual([current?.record.attempt, current?.record.failures, current?.isLast], [at, 0, false]);
  }
});

test('failed attempts count, each is followed after a longer delay, and the record says when', async () => {
  const { id, attempt } = await begun();
  const before = Date.now();
  assert.equal(await attempt.release(true, 'STORE_UNAVAILABLE: away'), 1000);
  const waiting = await jobs.get(id);
  assert.deepEqual([waiting?.status, waiting?.phase, waiting?.failures], ['running', 'waiting', 1]);
  assert.ok(Date.parse(waiting?.nextAttemptAt ?? '') >= before + 1000);
  const second = await attempts.begin(`${id}.1`, 'cpu');
  assert.deepEqual([second?.record.nextAttemptAt, second?.record.phase, second?.isLast], [null, 'loading', false]);
  assert.equal(await second?.release(true, 'STORE_UNAVAILABLE: away'), 1500, 'bounded by maxMs');
  assert.equal((await attempts.begin(`${id}.1`, 'cpu'))?.isLast, true);
});

test('a retry that a client asks for begins with a fresh budget', async () => {
  const { id, attempt } = await begun();
  await attempt.release(true, 'x');
  await (await attempts.begin(`${id}.1`, 'cpu'))?.finish('failed', {
    error: { code: 'STORE_UNAVAILABLE', message: 'x' },
  });
  assert.equal((await jobs.requeue(id))?.failures, 0);
  const again = await attempts.begin(`${id}.2`, 'cpu');
  assert.deepEqual([again?.record.failures, again?.isLast], [0, false]);
});

test('the policy of a job goes over that of the configuration', async () => {
  const { attempt } = await begun({ ...digitsJob(10), retry: { maxAttempts: 1, nonRetryable: ['STORE_UNAVAILABLE'] } });
  assert.equal(attempt.isLast, true);
  assert.deepEqual(attempt.policy, { ...retryPolicy, maxAttempts: 1, nonRetryable: ['STORE_UNAVAILABLE'] });
});

test('a job that is cancelled while nobody runs it is cancelled at once', async () => {
  const { id, attempt } = await begun();
  await attempt.release(true, 'it waits for its next attempt');
  assert.equal((await jobs.cancel(id))?.status, 'cancelled');
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null);
});

test('a job that is handed back while it is being cancelled is cancelled', async () => {
  const { id, attempt } = await begun();
  assert.equal((await jobs.cancel(id))?.status, 'cancelling');
  assert.equal(await attempt.release(true, 'x'), null);
  assert.equal((await jobs.get(id))?.status, 'cancelled');
});

test('a job whose worker died while it was being cancelled ends as cancelled when it is taken up', async () => {
  const { id } = await begun();
  await jobs.cancel(id);
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null);
  assert.equal((await jobs.get(id))?.status, 'cancelled');
});

test('a job that is over says nothing of the time that is left', async () => {
  const { id, attempt } = await begun();
  await attempt.report({ progress: { iteration: 7, iterations: 10, etaSeconds: 48 } }, null);
  await attempt.finish('failed', { error: { code: 'DIVERGED', message: 'x' } });
  assert.deepEqual((await jobs.get(id))?.progress, { iteration: 7, iterations: 10, etaSeconds: null });
  await jobs.requeue(id);
  assert.deepEqual((await jobs.get(id))?.progress, { iteration: 0, iterations: 10, etaSeconds: null });
  await jobs.cancel(id);
});

test('an execution that was retried, removed or finished is not run', async () => {
  const { id, attempt } = await begun();
  await attempt.finish('cancelled', {});
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null);
  await jobs.requeue(id);
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null, 'the BullMQ job of the first execution');
  assert.ok(await attempts.begin(`${id}.2`, 'cpu'));
  assert.equal(await attempts.begin('job_absent.1', 'cpu'), null);
});

/** What workers and clients might do in any order, with workers that were long declared dead. */
async function chaos(seed: number): Promise<JobEvent[]> {
  const random = createRandom(seed, 'chaos');
  const pick = (count: number) => random.below(count);
  const id = await service.submit(digitsJob(10));
  const held: Attempt[] = [];
  const anyAttempt = () => held[pick(held.length)];
  const actions: (() => Promise<unknown>)[] = [
    async () => {
      const attempt = await attempts.begin(`${id}.1`, 'cpu');
      if (attempt) held.push(attempt);
    },
    async () => anyAttempt()?.report({ phase: 'initializing' }, { type: 'progress', data: { iteration: pick(10) } }),
    async () => anyAttempt()?.checkpoint(pointer(pick(10))),
    async () => anyAttempt()?.release(pick(2) === 0, 'chaos'),
    async () =>
      anyAttempt()?.finish((['succeeded', 'failed', 'cancelled', 'expired'] as const)[pick(4)] ?? 'failed', {}),
    async () => jobs.cancel(id),
  ];
  for (let step = 0; step < 12; step += 1) {
    await Promise.all(
      Array.from({ length: 1 + pick(3) }, () => actions[pick(10) < 8 ? pick(4) : pick(actions.length)]?.()),
    );
  }
  await jobs.cancel(id);
  await attempts.begin(`${id}.1`, 'cpu');
  const record = await jobs.get(id);
  assert.ok(record && isTerminal(record.status), `seed ${seed}: ${record?.status}`);
  return service.events(id);
}

test('whatever happens, a job reaches exactly one terminal status and its statuses only move forward', async () => {
  const order = ['queued', 'running', 'cancelling'];
  for (let seed = 0; seed < 150; seed += 1) {
    const statuses = (await chaos(seed)).filter(({ type }) => type === 'status').map(({ data }) => String(data.status));
    const terminal = statuses.filter((status) => !order.includes(status));
    assert.equal(terminal.length, 1, `seed ${seed}: ${statuses}`);
    assert.equal(statuses.at(-1), terminal[0], `seed ${seed}: ${statuses}`);
    const ranks = statuses.slice(0, -1).map((status) => order.indexOf(status));
    assert.deepEqual(
      ranks,
      [...ranks].sort((a, b) => a - b),
      `seed ${seed}: ${statuses}`,
    );
  }
});

test.after(() => redis.disconnect());
