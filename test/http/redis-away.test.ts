import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newJobId } from '../../src/contract/job-id.ts';
import { smallJob, testApi, until } from '../support/api.ts';

const { app, queue, valkey } = await testApi({ environment: { REDIS_TIMEOUT_SECONDS: '1' } });
const id: string = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).json().id;

const requests = [
  ['POST', '/v1/jobs'],
  ['GET', '/v1/jobs'],
  ['GET', `/v1/jobs/${id}`],
  ['GET', `/v1/jobs/${id}?wait=5`],
  ['GET', `/v1/jobs/${id}/events`],
  ['GET', `/v1/jobs/${id}/artifacts`],
  ['POST', `/v1/jobs/${id}/cancel`],
  ['POST', `/v1/jobs/${id}/retry`],
  ['DELETE', `/v1/jobs/${id}`],
  ['DELETE', `/v1/jobs/${newJobId()}`],
] as const;

const assertAway = async () => {
  for (const [method, url] of requests) {
    const response = await app.inject({
      method,
      url,
      ...(url === '/v1/jobs' && method === 'POST' ? { payload: smallJob } : {}),
    });
    assert.deepEqual([response.statusCode, response.json().code], [503, 'QUEUE_UNAVAILABLE'], `${method} ${url}`);
    assert.match(String(response.headers['retry-after']), /^\d+$/);
  }
  const ready = await app.inject('/health/ready');
  assert.deepEqual([ready.statusCode, ready.json().checks.redis.ok], [503, false]);
  for (const url of ['/health/live', '/metrics', '/v1/methods', '/openapi.json'])
    assert.equal((await app.inject(url)).statusCode, 200, url);
};

test('while Redis is down every request that needs it is told to come back, and after that all is as before', async () => {
  await valkey.stop();
  await until(() => queue.redis.status !== 'ready');
  await assertAway();
  await valkey.start();
  await until(() => queue.redis.status === 'ready');
  const job = await app.inject(`/v1/jobs/${id}`);
  assert.deepEqual([job.statusCode, job.json().status], [200, 'queued']);
});

test('a Redis that does not answer is as good as none', async () => {
  valkey.pause();
  try {
    const [method, url] = requests[1];
    const response = await app.inject({ method, url });
    assert.deepEqual([response.statusCode, response.json().code], [503, 'QUEUE_UNAVAILABLE']);
  } finally {
    valkey.resume();
  }
  await until(async () => (await app.inject('/v1/jobs')).statusCode === 200);
});

test('a Redis that is full refuses jobs until there is room', async () => {
  await queue.redis.config('SET', 'maxmemory', '1mb');
  const full = await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob });
  assert.deepEqual([full.statusCode, full.json().code], [503, 'QUEUE_UNAVAILABLE']);
  await queue.redis.config('SET', 'maxmemory', '0');
  assert.equal((await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).statusCode, 202);
});
