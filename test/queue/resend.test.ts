/** A worker sends again what was not answered. What had arrived all the same counts once. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Attempt, createAttempts, createQueueClient } from '../../src/queue/index.ts';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';
import { testProxy } from '../support/tcp-proxy.ts';

const service = await testService();
const proxy = await testProxy(service.valkey.port);
const client = createQueueClient(
  {
    redisUrl: proxy.url,
    queuePrefix: '{gradinit}',
    redisTimeoutSeconds: 0.4,
    idempotencySeconds: 60,
    maxQueueSeconds: 3600,
    maxPausedSeconds: 3600,
    eventsPerJob: 2000,
    maxQueuedJobsPerKey: 100_000,
    name: 'resend',
  },
  { warn: () => {}, info: () => {} },
);
const connection = client.connectPatient('resend-worker');
after(async () => {
  await client.close();
  connection.disconnect();
});
await client.ready();
const retryPolicy = { maxAttempts: 3, initialMs: 1000, factor: 2, maxMs: 1500, nonRetryable: [] };
const attempts = createAttempts(connection, client.keys, { eventsPerJob: 2000, retryPolicy });

/** Does the work while every answer is lost, so that it is sent again. */
async function unanswered<T>(work: () => Promise<T>): Promise<T> {
  await connection.ping();
  proxy.muteAnswers();
  return work();
}

/** Scripts are sent by their digests once the server knows them. */
async function warm(): Promise<void> {
  const id = await service.submit(digitsJob(10));
  const attempt = await attempts.begin(`${id}.1`, 'cpu');
  await attempt?.report({ phase: 'initializing' }, null);
  await attempt?.finish('succeeded', {});
}

test('an attempt that begins twice is one attempt, its reports are written once, its end is one end', async () => {
  await warm();
  const id = await service.submit(digitsJob(10));
  const attempt: Attempt | null = await unanswered(() => attempts.begin(`${id}.1`, 'cpu'));
  assert.equal(attempt?.record.attempt, 1);
  for (const iteration of [1, 2, 3]) {
    const event = { type: 'progress', data: { iteration } } as const;
    const seen = await unanswered(async (): Promise<unknown> => attempt?.report({ phase: 'initializing' }, event));
    assert.equal(seen, 'running');
  }
  await unanswered(async () => attempt?.finish('succeeded', {}));
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt], ['succeeded', 1]);
  assert.deepEqual(
    (await service.events(id)).map(({ data }) => data.iteration ?? data.status),
    ['queued', 'running', 1, 2, 3, 'succeeded'],
  );
});
