import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { isAlive, testService } from '../support/queue-service.ts';

const service = await testService();
const worker = await service.startWorker();
const { jobs } = service.client;
const long = () => digitsJob(1_000_000);

/** The child that runs the job. */
const childOf = async (id: string) => Number((await worker.logged('job begins', (line) => line.jobId === id)).childPid);

test('a running job stops within one iteration when it is cancelled from another process', async () => {
  const id = await service.submit(long());
  await service.until(id, ({ progress }) => progress.iteration > 10);
  assert.equal((await jobs.cancel(id))?.status, 'cancelling');
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.error], ['cancelled', null]);
  assert.ok(!isAlive(await childOf(id)));
});

test('a job that waits behind another one is cancelled at once and never runs', async () => {
  const [first, second] = [await service.submit(long()), await service.submit(long())];
  await service.until(first, ({ status }) => status === 'running');
  assert.equal((await jobs.cancel(second))?.status, 'cancelled');
  await jobs.cancel(first);
  await service.finished(first);
  assert.equal((await jobs.get(second))?.attempt, 0);
});

test('a job is cancelled while it is still being loaded', async () => {
  const id = await service.submit(long());
  await service.until(id, ({ status }) => status === 'running');
  await jobs.cancel(id);
  assert.equal((await service.finished(id)).status, 'cancelled');
});

test('a child that hears nothing is killed after the grace time and the job ends as cancelled', async () => {
  const id = await service.submit(long());
  await service.until(id, ({ progress }) => progress.iteration > 0);
  const child = await childOf(id);
  process.kill(child, 'SIGSTOP');
  await jobs.cancel(id);
  assert.equal((await service.finished(id)).status, 'cancelled');
  assert.ok(!isAlive(child));
});

test('a child that is blocked inside TensorFlow is killed after the grace time', async () => {
  const id = await service.submit(digitsJob(1000, { sizes: [4096, 4096, 4096], batchSize: 1500 }));
  await service.until(id, ({ phase }) => phase === 'initializing');
  await jobs.cancel(id);
  assert.equal((await service.finished(id)).status, 'cancelled');
  assert.ok(!isAlive(await childOf(id)));
});

test('the worker goes on after all that', async () => {
  const id = await service.submit(digitsJob(5));
  assert.equal((await service.finished(id)).status, 'succeeded');
  const statuses = (await service.events(id)).filter(({ type }) => type === 'status').map(({ data }) => data.status);
  assert.deepEqual([...new Set(statuses)], ['queued', 'running', 'succeeded']);
});
