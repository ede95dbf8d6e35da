/** Worker processes that end by themselves: after one job, or after having had none, and that take the jobs of some device classes only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();
const ended = { code: 0, signal: null };

test('WORKER_JOBS=1: the process runs one job and ends; the next job waits for the next process', async () => {
  const worker = await service.startWorker({ WORKER_JOBS: '1', DEVICES: 'cpu,cpu' });
  const ids = [await service.submit(digitsJob(20)), await service.submit(digitsJob(20))];
  assert.deepEqual(await worker.exited, ended);
  const statuses = await Promise.all(ids.map(async (id) => (await service.client.jobs.get(id))?.status));
  assert.deepEqual(statuses.sort(), ['queued', 'succeeded']);
  assert.equal(worker.lines.find(({ msg }) => msg === 'its work is done')?.reason, 'jobs');

  const next = await service.startWorker({ WORKER_JOBS: '1' });
  assert.deepEqual(await next.exited, ended);
  for (const id of ids) assert.equal((await service.finished(id)).status, 'succeeded');
});

test('WORKER_IDLE_SECONDS: a process without work ends; one that works longer than that ends afterwards', async () => {
  const id = await service.submit(digitsJob(4000));
  const worker = await service.startWorker({ WORKER_IDLE_SECONDS: '1' });
  assert.deepEqual(await worker.exited, ended);
  assert.equal((await service.client.jobs.get(id))?.status, 'succeeded');
  assert.equal(worker.lines.find(({ msg }) => msg === 'its work is done')?.reason, 'idle');
});

test('WORKER_QUEUES: jobs of other device classes are left to other processes', async () => {
  const of = (device: string) => service.submit({ ...digitsJob(20), resources: { device } });
  const [any, cpu, gpu] = [await of('any'), await of('cpu'), await of('gpu')];
  const worker = await service.startWorker({ WORKER_QUEUES: 'gpu,any', WORKER_IDLE_SECONDS: '1' });
  assert.deepEqual(await worker.exited, ended);
  const status = async (id: string) => (await service.client.jobs.get(id))?.status;
  assert.deepEqual([await status(any), await status(cpu), await status(gpu)], ['succeeded', 'queued', 'succeeded']);
  assert.equal(await service.client.redis.zcard(service.client.keys.unfinished('cpu')), 1, 'what KEDA reads');
  assert.equal(await service.client.redis.zcard(service.client.keys.unfinished('any')), 0);
});
