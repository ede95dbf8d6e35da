import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, type TestApi, testApi, until } from '../support/api.ts';
import { testProxy } from '../support/tcp-proxy.ts';
import { testNode, testReplica } from '../support/valkey-groups.ts';

const environment = { REDIS_TIMEOUT_SECONDS: '0.8' };
async function apiOn(url: string, more: Record<string, string> = {}): Promise<TestApi> {
  const api = await testApi({ url, environment: { ...environment, ...more } });
  await api.queue.ready();
  return api;
}

const post = async ({ app }: TestApi) => app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob });
const redisOf = async ({ app }: TestApi) => (await app.inject('/health/ready')).json().checks.redis;
const works = async (api: TestApi) => (await post(api)).statusCode === 202 && (await redisOf(api)).ok;

test('connections that stay open and silent are made anew; until then requests fail and readiness says so', async () => {
  const node = await testNode();
  const proxy = await testProxy(node.port);
  const api = await apiOn(proxy.url);
  const { id } = (await post(api)).json();
  const waiting = api.app.inject(`/v1/jobs/${id}?wait=50`);
  await until(async () => String(await node.command('CLIENT', 'LIST')).includes('cmd=xread'));
  proxy.mute();
  const failed = await post(api);
  assert.deepEqual([failed.statusCode, failed.json().code], [503, 'QUEUE_UNAVAILABLE']);
  await until(() => works(api));
  assert.ok(api.log.some((line) => line.includes('a connection to redis is made anew')));
  // The follower's own connection, too: the end of the job is heard.
  await api.queue.jobs.cancel(id);
  assert.equal((await waiting).json().status, 'cancelled');
});

test('while nothing comes through, new connections neither, readiness is refused with the reason', async () => {
  const node = await testNode();
  const proxy = await testProxy(node.port);
  const api = await apiOn(proxy.url);
  proxy.swallow();
  for (let time = 0; time < 3; time += 1) {
    assert.deepEqual(await redisOf(api), { ok: false, detail: 'Redis cannot be reached; try again later' });
    assert.equal((await post(api)).statusCode, 503);
  }
  proxy.restore();
  await until(() => works(api));
});

test('a primary that becomes a replica is left for the one that the address leads to', async () => {
  const old = await testNode();
  const next = await testReplica(old);
  const proxy = await testProxy(old.port);
  const api = await apiOn(proxy.url);
  const { id } = (await post(api)).json();
  await next.command('REPLICAOF', 'NO', 'ONE');
  await old.command('REPLICAOF', '127.0.0.1', String(next.port));
  // The address leads to the old one still: no primary.
  const { ok, detail } = await redisOf(api);
  assert.equal(ok, false);
  assert.match(detail, /Redis (has no primary|cannot be reached)/);
  const refused = await post(api);
  assert.deepEqual([refused.statusCode, refused.json().code], [503, 'QUEUE_UNAVAILABLE']);
  const waiting = api.app.inject(`/v1/jobs/${id}?wait=50`).then((answer) => answer.json());
  proxy.target(next.port);
  await until(() => works(api));
  await api.queue.jobs.cancel(id);
  const answer = await waiting;
  assert.ok(answer.status === 'cancelled' || answer.code === 'QUEUE_UNAVAILABLE', JSON.stringify(answer));
});

test('a replica that takes writes is not taken for the primary', async () => {
  const primary = await testNode();
  const replica = await testReplica(primary);
  await replica.command('CONFIG', 'SET', 'replica-read-only', 'no');
  const api = await testApi({ url: `redis://127.0.0.1:${replica.port}` });
  const { ok, detail } = await redisOf(api);
  assert.equal(ok, false);
  assert.match(detail, /Redis (is a slave|cannot be reached)/);
});

test('settings under which jobs can be lost are in the readiness answer', async () => {
  const node = await testNode('--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no');
  const api = await apiOn(`redis://127.0.0.1:${node.port}`);
  const { checks, warnings } = (await api.app.inject('/health/ready')).json();
  assert.equal(checks.redis.ok, true);
  assert.match(warnings.join('\n'), /maxmemory-policy of Redis is allkeys-lru.*noeviction/);
  assert.match(warnings.join('\n'), /appendonly of Redis is no.*yes/);
  assert.ok(api.log.some((line) => line.includes('allkeys-lru')));
});

test('an event loop that was blocked is not taken for a Redis that is away', async () => {
  const node = await testNode();
  const api = await apiOn(`redis://127.0.0.1:${node.port}`);
  await post(api);
  const answers = [post(api), api.app.inject('/v1/jobs'), redisOf(api)] as const;
  await new Promise((resolve) => setImmediate(resolve));
  for (const end = performance.now() + 3000; performance.now() < end; );
  const [posted, listed, redis] = await Promise.all(answers);
  assert.deepEqual([posted.statusCode, listed.statusCode, redis.ok], [202, 200, true]);
  assert.deepEqual(
    api.log.filter((line) => /redis|QUEUE_UNAVAILABLE/.test(line)),
    [],
  );
});

test('no password is in an answer or in the log', async () => {
  const node = await testNode('--requirepass', 'r#ight');
  const right = await apiOn(`redis://:r#ight@127.0.0.1:${node.port}`);
  assert.equal((await post(right)).statusCode, 202);
  const wrong = await testApi({ url: `redis://:hunter#2@127.0.0.1:${node.port}`, environment: { LOG_LEVEL: 'trace' } });
  const answers = [await post(wrong), await wrong.app.inject('/health/ready'), await wrong.app.inject('/v1/jobs')];
  assert.equal(answers[0]?.statusCode, 503);
  await until(() => wrong.log.some((line) => line.includes('WRONGPASS')));
  for (const text of [...wrong.log, ...answers.map(({ body }) => body)]) assert.ok(!text.includes('hunter'), text);
});
