/** Two API processes over one store, and two tenants who know nothing of each other: equal bytes are stored once, and nobody's upload is anybody else's. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createKey } from '../../../src/http/api-keys.ts';
import { startApiProcess } from '../../support/api-process.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { csv } from '../../support/upload-files.ts';
import { testValkey } from '../../support/valkey.ts';

const ann = createKey('ann', ['jobs:read', 'jobs:write']);
const bob = createKey('bob', ['jobs:read', 'jobs:write']);
const root = createKey('root', ['admin']);
const stateDir = path.join(await temporaryFolder(), 'state');
const valkey = await testValkey();
const environment = {
  REDIS_URL: valkey.url,
  STATE_DIR: stateDir,
  API_KEYS: [ann, bob, root].map(({ entry }) => entry).join(','),
};
const [first, second] = await Promise.all([startApiProcess(environment), startApiProcess(environment)]);

type Key = typeof ann;
const ask = (url: string, { token }: Key, method = 'GET', body?: FormData | string) =>
  fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    },
    ...(body === undefined ? {} : { body }),
  });
async function upload(api: string, key: Key, name: string, content: string | Uint8Array, query = '') {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
  const response = await ask(`${api}/v1/datasets${query}`, key, 'POST', form);
  const { id, code } = (await response.json()) as { id: string; code: string };
  return { status: response.status, id, code };
}
const jobOn = (id: string) =>
  JSON.stringify({
    model: { format: 'zoo', name: 'mlp', options: { inputShape: [2], sizes: [4], classes: 3 } },
    dataset: { ref: `dataset:${id}` },
    method: { name: 'gradinit', options: { iterations: 2, batchSize: 4 } },
  });
const submit = async (api: string, key: Key, id: string) => {
  const response = await ask(`${api}/v1/jobs`, key, 'POST', jobOn(id));
  const body = (await response.json()) as { id: string };
  assert.equal(response.status, 202, JSON.stringify(body));
  return body.id;
};
const contents = async () =>
  (await readdir(path.join(stateDir, 'contents'), { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));

test("an upload that fails in one process does not remove another tenant's file of equal bytes, however they overlap", async () => {
  for (let round = 0; round < 6; round += 1) {
    const bytes = csv(40 + round);
    const [good, bad] = await Promise.all([
      upload(first, ann, 'train.csv', bytes),
      upload(second, bob, 'train.csv', bytes, '?kind=weights'),
      upload(second, bob, 'other.csv', bytes, '?kind=weights'),
    ]);
    assert.deepEqual([good.status, bad.status], [201, 422]);
    await submit(second, ann, good.id);
    assert.equal((await contents()).length, round + 1);
  }
});

test('equal bytes of two tenants, and under two names, are stored once and are uploads of their own', async () => {
  const batch = new Uint8Array(3073 * 2).fill(1, 3073);
  const before = (await contents()).length;
  const named = await upload(first, ann, 'data_batch_1.bin', batch);
  const others = await Promise.all([
    upload(second, bob, 'data_batch_1.bin', batch),
    upload(first, ann, 'data_batch_2.bin', batch),
  ]);
  const ids = [named, ...others].map(({ id }) => id);
  assert.equal(new Set(ids).size, 3, 'no id says that somebody else has the same bytes');
  assert.deepEqual(await upload(second, ann, 'data_batch_1.bin', batch), {
    status: 200,
    id: named.id,
    code: undefined,
  });
  assert.equal((await contents()).length, before + 1);
});

test("a tenant's deletion meets its own jobs only; an administrator's removes the one that was named", async () => {
  const bytes = csv(90);
  const [own, other] = [await upload(first, ann, 'a.csv', bytes), await upload(second, bob, 'a.csv', bytes)];
  const job = await submit(first, bob, other.id);
  const remove = (key: Key, id: string) => ask(`${second}/v1/datasets/${id}`, key, 'DELETE');
  assert.equal((await remove(ann, own.id)).status, 204, "another tenant's job does not need it");
  const refused = await remove(bob, other.id);
  assert.equal(refused.status, 409);
  assert.match(((await refused.json()) as { detail: string }).detail, new RegExp(job));
  assert.equal((await remove(ann, other.id)).status, 404);
  await ask(`${first}/v1/jobs/${job}/cancel`, bob, 'POST');
  const again = await upload(first, ann, 'a.csv', bytes);
  assert.equal(again.status, 201);
  assert.equal((await remove(root, other.id)).status, 204);
  assert.equal((await ask(`${first}/v1/datasets/${again.id}`, ann)).status, 200);
});

test("an administrator's job on a tenant's upload keeps it, and its id is not told", async () => {
  const own = await upload(first, ann, 'b.csv', csv(95));
  const job = await submit(first, root, own.id);
  const refused = await ask(`${second}/v1/datasets/${own.id}`, ann, 'DELETE');
  const { detail } = (await refused.json()) as { detail: string };
  assert.equal(refused.status, 409);
  assert.ok(!detail.includes(job), detail);
});
