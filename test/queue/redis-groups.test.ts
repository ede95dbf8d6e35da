/** Sentinels and clusters, with failovers: what was accepted before is there afterwards, requests and followers go on by themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, type TestApi, testApi, until } from '../support/api.ts';
import { type TestNode, testCluster, testSentinels } from '../support/valkey-groups.ts';

const environment = { REDIS_TIMEOUT_SECONDS: '1' };

async function apiOn(url: string): Promise<TestApi> {
  const api = await testApi({ url, environment });
  await api.queue.ready();
  return api;
}

const post = ({ app }: TestApi) => app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob });
const isReady = async ({ app }: TestApi) => (await app.inject('/health/ready')).json().checks.redis.ok;
const isReplicated = async (primary: TestNode) => (await primary.command('WAIT', '1', '0')) === 1;

/** The primary is lost; the job that was accepted before is finished afterwards, and whoever waits for it hears of it. */
async function survives(url: string, primary: TestNode, how: NodeJS.Signals): Promise<void> {
  const api = await apiOn(url);
  assert.equal(await isReady(api), true);
  const { id } = (await post(api)).json();
  await until(() => isReplicated(primary));
  const waiting = api.app.inject(`/v1/jobs/${id}?wait=60`);
  await until(async () => String(await primary.command('CLIENT', 'LIST')).includes('cmd=xread'));
  primary.signal(how);
  const refused = await post(api);
  assert.deepEqual([refused.statusCode, refused.json().code], [503, 'QUEUE_UNAVAILABLE']);
  assert.equal(await isReady(api), false);
  await until(() => isReady(api));
  assert.equal((await api.app.inject(`/v1/jobs/${id}`)).json().status, 'queued');
  assert.equal((await post(api)).statusCode, 202);
  await api.queue.jobs.cancel(id);
  assert.equal((await waiting).json().status, 'cancelled');
}

test('sentinels: the primary is killed, the next one is found', async () => {
  const { url, primary } = await testSentinels();
  await survives(url, primary, 'SIGKILL');
});

test('sentinels: the primary hangs, the next one is found; when it goes on it is not taken for the primary', async () => {
  const { url, primary } = await testSentinels();
  await survives(url, primary, 'SIGSTOP');
  primary.signal('SIGCONT');
  const api = await apiOn(url);
  assert.equal((await post(api)).statusCode, 202);
});

test('cluster: the primary of the keys is killed, its replica goes on', async () => {
  const { url, owner, others } = await testCluster();
  const single = await testApi({ url: `redis://127.0.0.1:${others[0]?.port}`, environment });
  await single.queue.ready();
  const moved = await post(single);
  assert.deepEqual([moved.statusCode, moved.json().code], [503, 'QUEUE_UNAVAILABLE']);
  assert.match(moved.json().detail, /redis\+cluster:\/\//);
  await survives(url, owner, 'SIGKILL');
});

test('cluster: the primary of the keys hangs, its replica goes on', async () => {
  const { url, owner } = await testCluster();
  await survives(url, owner, 'SIGSTOP');
});
