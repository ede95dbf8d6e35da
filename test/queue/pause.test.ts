/** Pausing and resuming, step by step as the scripts do it; test/workers/pause.test.ts has the runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttempts } from '../../src/queue/index.ts';
import { digitsJob, takeUp } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const { client, submit, events } = await testService();
const { jobs, redis, keys } = client;
const retryPolicy = { maxAttempts: 3, initialMs: 0, factor: 1, maxMs: 0, nonRetryable: [] };
const attempts = createAttempts(redis, keys, { eventsPerJob: 1000, retryPolicy });
const statusOf = async (id: string) => (await jobs.get(id))?.status;
const statuses = async (id: string) =>
  (await events(id)).filter(({ type }) => type === 'status').map(({ data }) => data.status);
const pointer = (key: string) => ({ key, phase: 'initializing', iteration: 7, bytes: 10 }) as const;
/** A job that nothing else waits before. */
const newJob = () => submit({ ...digitsJob(10), metadata: {} });
const end = async (id: string) => {
  await jobs.cancel(id);
  await jobs.move(id, 'cancelled');
};

test('a queued job leaves its place and takes the last one when it is resumed', async () => {
  const [first, second] = [await newJob(), await newJob()];
  assert.equal((await jobs.pause(first))?.status, 'paused');
  assert.deepEqual([await jobs.position(first), await jobs.position(second)], [null, 1]);
  assert.equal(await redis.zscore(keys.unfinished('any'), first), null, 'no worker is started for it');
  assert.equal(await attempts.begin(`${first}.1`, 'cpu').then((attempt) => attempt?.record.id), second);
  assert.equal((await jobs.resume(first))?.status, 'queued');
  assert.equal(await jobs.position(first), 1);
  assert.equal((await takeUpAgain(first))?.record.attempt, 1);
  assert.deepEqual(await statuses(first), ['queued', 'paused', 'queued', 'running']);
  await end(first);
  await end(second);
});

/** After a resumption the ticket is the second one. */
const takeUpAgain = (id: string) => attempts.begin(`${id}.2`, 'cpu');

test('a running job is paused once its attempt has let go; its checkpoint stays and its next attempt gets it', async () => {
  const id = await newJob();
  const attempt = await takeUp(client, id);
  await attempt.report({ progress: { iteration: 7, iterations: 10, etaSeconds: 3 } }, null);
  await attempt.checkpoint(pointer('a'));
  assert.equal((await jobs.pause(id))?.status, 'pausing');
  assert.equal((await jobs.pause(id))?.status, 'pausing', 'asked twice it is still being paused');
  assert.equal(await attempt.status(), 'pausing');
  assert.equal(await attempt.release(false, 'told to'), null);
  const paused = await jobs.get(id);
  assert.deepEqual([paused?.status, paused?.phase, paused?.failures], ['paused', null, 0]);
  assert.deepEqual(paused?.progress, { iteration: 7, iterations: 10, etaSeconds: null });
  assert.equal(await attempt.status(), null, 'the attempt owns it no more');
  assert.equal(await attempts.begin(`${id}.1`, 'cpu'), null, 'its old ticket is for nothing');
  await jobs.resume(id);
  const next = await takeUpAgain(id);
  assert.deepEqual([next?.record.attempt, next?.checkpoints], [2, [pointer('a')]]);
  assert.equal(next?.record.startedAt, attempt.record.startedAt);
  assert.ok((next?.heldMs ?? 0) > 0, 'the pause does not count as running');
  await next?.finish('succeeded', {});
  assert.deepEqual(await statuses(id), ['queued', 'running', 'pausing', 'paused', 'queued', 'running', 'succeeded']);
});

test('a pause that is taken back before the attempt has let go is followed by another attempt', async () => {
  const id = await newJob();
  const attempt = await takeUp(client, id);
  await jobs.pause(id);
  assert.equal((await jobs.resume(id))?.status, 'running');
  assert.equal(await attempt.release(false, 'its pause was taken back'), 0);
  assert.deepEqual(await statuses(id), ['queued', 'running', 'pausing', 'running', 'running']);
  await end(id);
});

test('a job whose worker dies while it is being paused is paused; one between two attempts is paused at once', async () => {
  const dying = await newJob();
  await takeUp(client, dying);
  await jobs.pause(dying);
  assert.equal(await attempts.begin(`${dying}.1`, 'cpu'), null);
  assert.equal(await statusOf(dying), 'paused');
  const waiting = await newJob();
  await (await takeUp(client, waiting)).release(true, 'lost');
  assert.equal((await jobs.pause(waiting))?.status, 'paused');
  await end(dying);
  await end(waiting);
});

test('a paused job can be cancelled, expires when its time is over, and is kept no longer than others then', async () => {
  const cancelled = await newJob();
  await jobs.pause(cancelled);
  assert.equal((await jobs.cancel(cancelled))?.status, 'cancelled');
  assert.equal(await redis.zscore(keys.deadlines, cancelled), null);
  const expired = await newJob();
  await jobs.pause(expired);
  await redis.zadd(keys.deadlines, 1, expired);
  await client.jobs.expireQueued();
  const record = await jobs.get(expired);
  assert.deepEqual([record?.status, record?.error?.code], ['expired', 'JOB_EXPIRED']);
  assert.match(record?.error?.message ?? '', /paused for longer/);
  assert.ok((await jobs.finishedBefore(Date.now() + 1, 100)).includes(expired));
  await jobs.remove(expired);
});

test('what is over or being cancelled cannot be paused, and only what is paused can be resumed', async () => {
  const id = await newJob();
  assert.equal(await jobs.resume(id), null);
  await takeUp(client, id);
  await jobs.cancel(id);
  assert.equal(await jobs.pause(id), null);
  await jobs.move(id, 'cancelled');
  assert.deepEqual([await jobs.pause(id), await jobs.resume(id)], [null, null]);
});
