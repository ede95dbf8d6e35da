import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newJobId } from '../../src/contract/job-id.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import type { JobRecord } from '../../src/contract/job-state.ts';
import { createQueueClient } from '../../src/queue/index.ts';
import { digitsJob, recordOf } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();

const spec = parseJobSpec(digitsJob(10));

const waitingOf = (owner: string) => service.client.redis.zcard(service.client.keys.index('queued', owner));

async function create(
  owner: string,
  more: Partial<JobRecord> = {},
  key: { key: string; bodyHash: string } | null = null,
) {
  return service.client.jobs.create({ ...recordOf(newJobId(), spec), owner, ...more }, spec, key);
}

test('a job is stored with its specification, first in an empty queue', async () => {
  const { jobs } = service.client;
  const { record, existing } = await create('first', { metadata: { pipeline: 'nightly' } });
  assert.equal(existing, false);
  assert.deepEqual(await jobs.get(record.id), record);
  assert.deepEqual(await jobs.spec(record.id), spec);
  assert.equal(await jobs.position(record.id), 1);
  assert.equal(await waitingOf('first'), 1);
  assert.equal(await jobs.get(newJobId()), null);
  await jobs.cancel(record.id);
});

test('an idempotency key gives the first job again, of the same owner only, and refuses another body', async () => {
  const key = { key: 'k', bodyHash: 'h' };
  const { record } = await create('a', {}, key);
  const again = await create('a', {}, key);
  assert.deepEqual([again.existing, again.record.id], [true, record.id]);
  assert.equal((await create('b', {}, key)).existing, false);
  await assert.rejects(create('a', {}, { key: 'k', bodyHash: 'other' }), { code: 'IDEMPOTENCY_CONFLICT' });
  assert.equal(await waitingOf('a'), 1);
});

test('a key is free again when its job has been removed', async () => {
  const { jobs } = service.client;
  const key = { key: 'removed', bodyHash: 'h' };
  const { record } = await create('a', {}, key);
  await jobs.cancel(record.id);
  await jobs.remove(record.id);
  assert.equal((await create('a', {}, key)).existing, false);
});

test('two processes that use one key at the same moment make one job', async () => {
  const key = { key: 'race', bodyHash: 'h' };
  const made = await Promise.all(Array.from({ length: 20 }, () => create('race', {}, key)));
  assert.equal(new Set(made.map(({ record }) => record.id)).size, 1);
  assert.equal(made.filter(({ existing }) => !existing).length, 1);
});

test('a listing is newest first, paged by id, filtered by owner and status, even while jobs are removed', async () => {
  const { jobs } = service.client;
  const ids: string[] = [];
  for (let at = 0; at < 7; at += 1) ids.unshift((await create('lister')).record.id);
  await create('somebody else');
  const first = await jobs.list({ owner: 'lister', limit: 3 });
  assert.deepEqual([first.records.map(({ id }) => id), first.next !== null], [ids.slice(0, 3), true]);
  await jobs.cancel(ids[2] as string);
  await jobs.remove(ids[2] as string);
  const rest = await jobs.list({ owner: 'lister', after: ids[2] as string, limit: 10 });
  assert.deepEqual([rest.records.map(({ id }) => id), rest.next !== null], [ids.slice(3), false]);
  await jobs.cancel(ids[5] as string);
  const cancelled = await jobs.list({ owner: 'lister', statuses: ['cancelled'], limit: 10 });
  assert.deepEqual(
    cancelled.records.map(({ id }) => id),
    [ids[5]],
  );
  assert.ok((await jobs.list({ owner: null, limit: 100 })).records.length > 7);
});

test('a queued job is cancelled at once, leaves the queue, and can be retried as a new execution', async () => {
  const { jobs } = service.client;
  const { record } = await create('canceller');
  const cancelled = await jobs.cancel(record.id);
  assert.equal(cancelled?.status, 'cancelled');
  assert.ok(cancelled?.finishedAt);
  assert.equal(await jobs.position(record.id), null);
  const again = await jobs.requeue(record.id);
  assert.deepEqual([again?.status, again?.finishedAt, again?.error], ['queued', null, null]);
  assert.ok((await jobs.position(record.id)) !== null);
  assert.equal(await jobs.requeue(record.id), null, 'a queued job cannot be retried');
  const statuses = (await service.events(record.id)).map(({ data }) => data.status);
  assert.deepEqual(statuses, ['queued', 'cancelled', 'queued']);
});

test('only a job that is over can be removed; then nothing is left of it but a mark that expires', async () => {
  const { jobs, redis, keys } = service.client;
  const { record } = await create('remover');
  await assert.rejects(jobs.remove(record.id), { code: 'JOB_STATE' });
  await jobs.cancel(record.id);
  await jobs.remove(record.id);
  await jobs.remove(record.id);
  assert.equal(await jobs.get(record.id), null);
  const left = await redis.keys(`${keys.prefix.replace(/[{}]/g, '?')}*${record.id}*`);
  assert.deepEqual(left, [keys.removed(record.id)]);
  assert.ok((await redis.pttl(keys.removed(record.id))) > 0);
});

test('a removed job needs its uploads no more, one that is about to be stored does', async () => {
  const { jobs, uploadUses } = service.client;
  const ref = 'dataset:ds_0123456789abcdef0123456789abcdef';
  const specification = { ...parseJobSpec(digitsJob(10)), dataset: { ref } };
  const id = newJobId();
  await jobs.create(recordOf(id, specification), specification, null);
  const upload = 'ds_0123456789abcdef0123456789abcdef';
  assert.equal((await uploadUses.find(upload))?.id, id);
  await jobs.cancel(id);
  await jobs.remove(id);
  assert.equal(await uploadUses.find(upload), null);
});

test('a status never moves backwards', async () => {
  const { jobs } = service.client;
  const { record } = await create('mover');
  assert.equal(await jobs.move(record.id, 'cancelling'), null);
  assert.equal(await jobs.move(record.id, 'succeeded'), null);
  assert.equal((await jobs.move(record.id, 'running'))?.status, 'running');
  assert.equal(await jobs.move(record.id, 'queued'), null);
  assert.equal((await jobs.move(record.id, 'failed', { error: { code: 'DIVERGED', message: 'x' } }))?.status, 'failed');
  for (const to of ['running', 'cancelling', 'succeeded', 'cancelled', 'expired'] as const)
    assert.equal(await jobs.move(record.id, to), null);
});

test('a job that waits longer than its limit expires', async () => {
  const { jobs } = service.client;
  const limited = parseJobSpec(digitsJob(10, { limits: { maxQueueSeconds: 1 } }));
  const id = newJobId();
  await jobs.create(recordOf(id, limited), limited, null);
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.error?.code], ['expired', 'JOB_EXPIRED']);
});

test('finished jobs are found by their age', async () => {
  const { jobs } = service.client;
  const { record } = await create('old');
  await jobs.cancel(record.id);
  assert.ok((await jobs.finishedBefore(Date.now() + 1000, 1000)).includes(record.id));
  assert.ok(!(await jobs.finishedBefore(Date.now() - 60_000, 1000)).includes(record.id));
});

test('ten thousand queued jobs take at most 8 KiB each in Valkey', async () => {
  const { redis } = service.client;
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  const start = await used();
  const count = 2000;
  for (let made = 0; made < count; made += 100) await Promise.all(Array.from({ length: 100 }, () => create('many')));
  const bytes = ((await used()) - start) / count;
  assert.ok(bytes > 0 && bytes <= 8192, `${bytes} bytes for each job`);
  assert.equal(await waitingOf('many'), count);
});

test('while Redis is away every call fails soon with QUEUE_UNAVAILABLE, and works again when it is back', async () => {
  const { jobs } = service.client;
  const { record } = await create('outage');
  await service.valkey.stop();
  await assert.rejects(create('outage'), { code: 'QUEUE_UNAVAILABLE', permanent: false });
  await assert.rejects(jobs.get(record.id), { code: 'QUEUE_UNAVAILABLE' });
  await assert.rejects(jobs.list({ owner: null, limit: 1 }), { code: 'QUEUE_UNAVAILABLE' });
  await service.valkey.start();
  assert.deepEqual(await service.until(record.id, () => true), record, 'the record is in the append-only file');
  assert.equal((await create('outage')).existing, false);
});

test('a Redis that hangs is given up after the timeout', async () => {
  const client = createQueueClient(
    {
      redisUrl: service.valkey.url,
      queuePrefix: '{hang}',
      redisTimeoutSeconds: 0.3,
      idempotencySeconds: 60,
      maxQueueSeconds: 60,
      maxPausedSeconds: 3600,
      eventsPerJob: 100,
      maxQueuedJobsPerKey: 100_000,
      name: 'hang',
    },
    { warn: () => {}, info: () => {} },
  );
  try {
    await client.ready();
    service.valkey.pause();
    await assert.rejects(client.jobs.get('job_x'), { code: 'QUEUE_UNAVAILABLE' });
  } finally {
    service.valkey.resume();
    await client.close();
  }
});

test('a Redis whose memory is full refuses jobs with QUEUE_UNAVAILABLE and keeps those it has', async () => {
  const { redis, jobs } = service.client;
  const { record } = await create('full');
  await redis.config('SET', 'maxmemory', '1mb');
  await assert.rejects(create('full'), { code: 'QUEUE_UNAVAILABLE' });
  assert.deepEqual(await jobs.get(record.id), record);
  await redis.config('SET', 'maxmemory', '0');
});
