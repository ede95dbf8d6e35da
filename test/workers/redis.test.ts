import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent } from '../../src/contract/job-state.ts';
import { digitsJob } from '../support/jobs.ts';
import { isAlive, type TestWorker, testService } from '../support/queue-service.ts';
import { testProxy } from '../support/tcp-proxy.ts';

const service = await testService();
const begun = async (worker: TestWorker, id: string, attempt: number) =>
  worker.logged('job begins', (line) => line.jobId === id && line.attempt === attempt);
const statusesOf = (events: readonly JobEvent[]) => [
  ...new Set(events.filter(({ type }) => type === 'status').map(({ data }) => data.status)),
];

test('a restart of Redis that is shorter than the lock disturbs nothing: the attempt goes on', async () => {
  const worker = await service.startWorker({ LOCK_SECONDS: '60' });
  const id = await service.submit(digitsJob(5000));
  await service.until(id, ({ progress }) => progress.iteration > 1);
  await service.valkey.stop();
  await sleep(500);
  await service.valkey.start();
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 1]);
  const iterations = (await service.events(id))
    .filter(({ type }) => type === 'progress')
    .map(({ data }) => Number(data.iteration));
  assert.deepEqual(
    iterations,
    [...new Set(iterations)].sort((a, b) => a - b),
    'no iteration twice',
  );
  assert.equal(iterations.at(-1), 5000);
  await worker.stop();
});

test('when Redis is away for longer than the lock the run stops at once; when it is back the job goes on from its checkpoint', async () => {
  const worker = await service.startWorker({ LOCK_SECONDS: '2' });
  const id = await service.submit(digitsJob(5000));
  await service.until(id, ({ progress }) => progress.iteration > 1);
  const child = Number((await begun(worker, id, 1)).childPid);
  await service.valkey.stop('SIGKILL');
  while (isAlive(child)) await sleep(20);
  await service.valkey.start();
  assert.ok(Number((await begun(worker, id, 2)).resumedFrom) > 0);
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 2]);
  assert.deepEqual(statusesOf(await service.events(id)), ['queued', 'running', 'succeeded']);
  await worker.stop();
});

test('a worker that froze past its lock finds the job taken: it stops, and its artifact is not published over the other', async () => {
  const frozen = await service.startWorker();
  const id = await service.submit(digitsJob(3000));
  const first = await begun(frozen, id, 1);
  await service.until(id, ({ progress }) => progress.iteration > 1);
  // Only the parent: its child computes on, to the end, and then asks whether it may publish.
  frozen.process.kill('SIGSTOP');
  const other = await service.startWorker();
  await begun(other, id, 2);
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 2]);
  const report = path.join(service.stateDir, 'artifacts', id, 'files', 'report.json');
  const published = await stat(report);
  frozen.process.kill('SIGCONT');
  const end = await frozen.logged('job ends', (line) => line.jobId === id);
  assert.equal(end.handled, 'again');
  assert.ok(!isAlive(Number(first.childPid)));
  const after = await stat(report);
  assert.deepEqual([after.ino, after.mtimeMs], [published.ino, published.mtimeMs]);
  assert.deepEqual(await service.client.jobs.get(id), record);
  await Promise.all([frozen.stop(), other.stop()]);
});

test('a worker whose connections are silent is not ready; it makes them anew and takes jobs again', async () => {
  const proxy = await testProxy(service.valkey.port);
  const worker = await service.startWorker({ REDIS_URL: proxy.url, REDIS_TIMEOUT_SECONDS: '1' });
  const { healthPort } = await worker.logged('working');
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/health/ready`);
    const { redis, warnings } = (await answer.json()) as { redis: boolean; warnings: string[] };
    return { status: answer.status, redis, warnings };
  };
  assert.equal((await health()).status, 200);
  proxy.swallow();
  const silent = await health();
  assert.deepEqual([silent.status, silent.redis], [503, false]);
  assert.match(silent.warnings.join(), /Redis cannot be reached/);
  const id = await service.submit(digitsJob(10));
  proxy.restore();
  while ((await health()).status !== 200) await sleep(50);
  assert.equal((await service.finished(id)).status, 'succeeded');
  await worker.stop();
});

test('when Redis loses its data, the worker says which job is lost and why, ends its process, and takes the next job', async () => {
  const worker = await service.startWorker({ LOCK_SECONDS: '60' });
  const id = await service.submit(digitsJob(50_000));
  await service.until(id, ({ progress }) => progress.iteration > 1);
  const child = Number((await begun(worker, id, 1)).childPid);
  await service.client.redis.flushall();
  const line = await worker.logged('the attempt is lost; its process is ended', ({ jobId }) => jobId === id);
  assert.match(String(line.why), /record is gone.*Redis has lost its data/);
  await worker.logged('job ends', ({ jobId }) => jobId === id);
  assert.ok(!isAlive(child));
  const next = await service.submit(digitsJob(10));
  assert.equal((await service.finished(next)).status, 'succeeded');
  await worker.stop();
});
