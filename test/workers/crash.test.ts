import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { isAlive, testService } from '../support/queue-service.ts';

const service = await testService();
const iterations = 4000;
const job = digitsJob(iterations);
const first = await service.startWorker({ HEARTBEAT_SECONDS: '8' });
/** Of the attempt of a job. */
const childOf = async (id: string, attempt = 1) =>
  Number((await first.logged('job begins', (line) => line.jobId === id && line.attempt === attempt)).childPid);
/** Iterating, with a checkpoint. */
const underWay = async (id: string) => {
  while ((await service.client.checkpoints(id)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** What the weights are when nothing disturbs the run. */
let undisturbed = '';

test('an undisturbed run', async () => {
  const id = await service.submit(job);
  assert.equal((await service.finished(id)).status, 'succeeded');
  undisturbed = await service.weights(id);
});

test('a child that crashes natively costs one attempt; the next one goes on and ends in the same bytes', async () => {
  const id = await service.submit(job);
  await underWay(id);
  process.kill(await childOf(id), 'SIGSEGV');
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 2]);
  assert.equal(await service.weights(id), undisturbed);
});

test('a job that crashes its child on every attempt fails as WORKER_LOST, and the queue goes on', async () => {
  const poison = await service.submit(digitsJob(1_000_000));
  const next = await service.submit(digitsJob(5));
  for (const attempt of [1, 2, 3]) process.kill(await childOf(poison, attempt), 'SIGSEGV');
  const record = await service.finished(poison);
  assert.deepEqual([record.status, record.attempt, record.error?.code], ['failed', 3, 'WORKER_LOST']);
  assert.match(record.error?.message ?? '', /SIGSEGV/);
  assert.equal((await service.finished(next)).status, 'succeeded');
});

test('a child that makes no progress is killed; the next one goes on', async () => {
  const id = await service.submit(job);
  await underWay(id);
  const child = await childOf(id);
  process.kill(child, 'SIGSTOP');
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 2]);
  assert.ok(!isAlive(child));
  assert.equal(await service.weights(id), undisturbed);
});

test('a worker killed in mid-run is followed by another one that ends in the same bytes', async () => {
  const id = await service.submit(job);
  await underWay(id);
  const child = await childOf(id);
  await first.stop();
  const second = await service.startWorker();
  const begun = await second.logged('job begins');
  assert.equal(begun.jobId, id);
  assert.ok(Number(begun.resumedFrom) > 0, 'it starts from a checkpoint');
  assert.ok(!isAlive(child));
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt, record.progress.iteration], ['succeeded', 2, iterations]);
  assert.equal(await service.weights(id), undisturbed);
});
