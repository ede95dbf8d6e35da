import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newJobId } from '../../src/contract/job-id.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { createJobQueue } from '../../src/queue/index.ts';
import { digitsJob, recordOf } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();

const waiting = () => service.client.redis.zrange(`${service.client.keys.bull}:any:prioritized`, 0, '-1');
const countOf = async (id: string) => (await waiting()).filter((entry) => entry.startsWith(id)).length;

async function untilWaiting(id: string): Promise<void> {
  while ((await countOf(id)) === 0) await sleep(50);
}

test('a job whose API process was killed between storing and enqueueing is enqueued once by another process', async () => {
  const { redis, keys, jobs } = service.client;
  const script = path.join(import.meta.dirname, '..', 'support', 'storing-process.ts');
  const { stdout, signal } = spawnSync(process.execPath, ['--import', 'tsx', script, service.valkey.url, keys.prefix], {
    encoding: 'utf8',
  });
  assert.equal(signal, 'SIGKILL');
  const id = stdout.trim();
  assert.equal((await jobs.get(id))?.status, 'queued');
  await untilWaiting(id);
  assert.equal(await countOf(id), 1);
  assert.equal(await redis.zscore(keys.outbox, `${id}.1`), null);
  // The client never got its 202 and asks again with its key: the same job, still once.
  const spec = parseJobSpec(digitsJob(10));
  const { record, existing } = await jobs.create(recordOf(newJobId(), spec), spec, { key: 'once', bodyHash: 'h' });
  assert.deepEqual([record.id, existing], [id, true]);
  assert.equal(await countOf(id), 1);
});

test('flushing the same entries from several processes makes one BullMQ job', async () => {
  const { redis, keys } = service.client;
  const queues = Array.from({ length: 4 }, () => createJobQueue(redis, keys));
  const id = await service.submit(digitsJob(10));
  await Promise.all(queues.flatMap((queue) => [queue.flush([`${id}.1`]), queue.flush([`${id}.1`])]));
  assert.equal(await countOf(id), 1);
});

test('an unfinished job that BullMQ has lost is adopted again', async () => {
  const { redis, keys } = service.client;
  const id = await service.submit(digitsJob(10));
  await untilWaiting(id);
  await redis.zrem(`${keys.bull}:any:prioritized`, `${id}.1`);
  await redis.del(`${keys.bull}:any:${id}.1`);
  await untilWaiting(id);
  assert.equal(await countOf(id), 1);
});

test('BullMQ holds the id of a job and nothing else', async () => {
  const { redis, keys } = service.client;
  const id = await service.submit(digitsJob(10));
  await untilWaiting(id);
  assert.equal(await redis.hget(`${keys.bull}:any:${id}.1`, 'data'), 'null');
});
