import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent } from '../../src/contract/job-state.ts';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();

const append = (id: string, iteration: number) =>
  service.client.events.append(id, { type: 'progress', data: { iteration } });

/** Follows until `count` events have come. */
async function collect(id: string, after: string, count: number): Promise<JobEvent[]> {
  const seen: JobEvent[] = [];
  const enough = new AbortController();
  await service.client.events.follow(
    id,
    after,
    (event) => {
      seen.push(event);
      if (seen.length === count) enough.abort();
    },
    enough.signal,
  );
  return seen;
}

const iterations = (events: readonly JobEvent[]) => events.map(({ data }) => data.iteration);

test('a follower gets what was and what comes, once and in order', async () => {
  const id = await service.submit(digitsJob(10));
  await append(id, 1);
  const following = collect(id, '', 4);
  await sleep(100);
  await append(id, 2);
  await append(id, 3);
  const events = await following;
  assert.deepEqual(
    events.map(({ type, data }) => data.status ?? `${type} ${data.iteration}`),
    ['queued', 'progress 1', 'progress 2', 'progress 3'],
  );
  assert.deepEqual(events, await service.client.events.read(id, '', 10));
});

test('a follower resumes after the last event that it has seen', async () => {
  const id = await service.submit(digitsJob(10));
  for (let at = 1; at <= 5; at += 1) await append(id, at);
  const events = await service.client.events.read(id, '', 10);
  assert.deepEqual(iterations(await collect(id, events[3]?.id as string, 2)), [4, 5]);
  assert.deepEqual(iterations(await service.client.events.read(id, events[4]?.id as string, 1)), [5]);
});

test('followers of many jobs that join at different times share one connection and miss nothing', async () => {
  const { redis } = service.client;
  const ids = await Promise.all(Array.from({ length: 20 }, () => service.submit(digitsJob(10))));
  const total = 30;
  const followers: Promise<JobEvent[]>[] = [];
  for (let at = 0; at < total; at += 1) {
    for (const [index, id] of ids.entries()) {
      if (at % 10 === index % 10) followers.push(collect(id, '', total + 1));
      await append(id, at);
    }
  }
  for (const events of await Promise.all(followers)) {
    assert.deepEqual(
      iterations(events).slice(1),
      Array.from({ length: total }, (_, at) => at),
    );
  }
  const clients = String(await redis.client('LIST'));
  assert.equal(clients.split('\n').filter((line) => line.includes('name=test-events')).length, 1);
});

test('a cursor of the future stands at the end, and moves nobody else', async () => {
  const id = await service.submit(digitsJob(10));
  await append(id, 1);
  const future = collect(id, '99999999999999-0', 1);
  await sleep(100);
  const other = collect(id, '', 3);
  await sleep(100);
  await append(id, 2);
  assert.deepEqual(iterations(await future), [2]);
  assert.deepEqual(iterations(await other), [undefined, 1, 2]);
});

test('a stream that cannot be read ends for its followers and for nobody else', async () => {
  const [broken, other] = [await service.submit(digitsJob(10)), await service.submit(digitsJob(10))];
  const failed = collect(broken, '0-1', 1);
  const following = collect(other, '', 2);
  await sleep(100);
  await service.client.redis.set(service.client.keys.events(broken), 'not a stream');
  await assert.rejects(failed, { code: 'INTERNAL' });
  await append(other, 1);
  assert.deepEqual(iterations(await following), [undefined, 1]);
});

test('followers of a job that is removed are told that it is gone, those of other jobs go on', async () => {
  const [gone, other] = [await service.submit(digitsJob(10)), await service.submit(digitsJob(10))];
  const removed = collect(gone, '', 2);
  const following = collect(other, '', 2);
  await sleep(100);
  await service.client.redis.del(service.client.keys.job(gone), service.client.keys.events(gone));
  await assert.rejects(removed, { code: 'JOB_NOT_FOUND' });
  await append(other, 1);
  assert.deepEqual(iterations(await following), [undefined, 1]);
});

test('followers go on after a restart of Redis', async () => {
  const id = await service.submit(digitsJob(10));
  const following = collect(id, '', 3);
  await append(id, 1);
  await service.valkey.stop();
  await service.valkey.start();
  await service.until(id, () => true);
  await append(id, 2);
  assert.deepEqual(iterations(await following), [undefined, 1, 2]);
});

test('a stream is trimmed, the newest events stay', async () => {
  const id = await service.submit(digitsJob(10));
  await Promise.all(Array.from({ length: 5000 }, (_, at) => append(id, at)));
  const events = await service.client.events.read(id, '', 10_000);
  assert.ok(events.length >= 2000 && events.length < 2300, `${events.length} events`);
  assert.equal(events.at(-1)?.data.iteration, 4999);
});
