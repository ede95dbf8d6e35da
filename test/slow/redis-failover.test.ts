/** Jobs run on over the failover of sentinels and of a cluster, and end in the bytes of an undisturbed run. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { createClient } from '../../src/client/index.ts';
import { until } from '../support/api.ts';
import { isReady, startPart } from '../support/chaos-service.ts';
import { digitsJob } from '../support/jobs.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type TestNode, testCluster, testSentinels } from '../support/valkey-groups.ts';

interface Group {
  readonly url: string;
  readonly primary: TestNode;
}

async function runsOn({ url, primary }: Group, how: NodeJS.Signals): Promise<void> {
  const own = { REDIS_URL: url, STATE_DIR: path.join(await temporaryFolder(), 'state'), LOCK_SECONDS: '5' };
  const api = await startPart('api', 'src/api/server.ts', own);
  await startPart('worker', 'workers/main.ts', own);
  await isReady(api);
  const client = createClient({ baseUrl: api.url, retries: 1000 });
  const digest = async (id: string) =>
    (await client.artifacts(id)).find(({ name }) => name === 'weights.safetensors')?.sha256;
  const submit = async () => (await client.submit(digitsJob(4000) as never)).id;

  const calm = await submit();
  assert.equal((await client.wait(calm)).status, 'succeeded');
  const id = await submit();
  await until(async () => (await client.get(id)).progress.iteration > 1);
  await primary.command('WAIT', '1', '0');
  primary.signal(how);
  assert.equal((await client.wait(id)).status, 'succeeded');
  assert.equal(await digest(id), await digest(calm));
  // The queue itself goes on, too.
  assert.equal((await client.wait(await submit())).status, 'succeeded');
}

for (const how of ['SIGKILL', 'SIGSTOP'] as const) {
  test(`sentinels: a job runs on when the primary gets ${how}`, { timeout: 400_000 }, async () => {
    await runsOn(await testSentinels(), how);
  });
  test(`cluster: a job runs on when the primary of its keys gets ${how}`, { timeout: 400_000 }, async () => {
    const { url, owner } = await testCluster();
    await runsOn({ url, primary: owner }, how);
  });
}
