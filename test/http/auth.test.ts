import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKey, findKey, parseApiKeys } from '../../src/http/api-keys.ts';
import { smallJob, testApi } from '../support/api.ts';

const ann = createKey('ann', ['jobs:read', 'jobs:write']);
const bob = createKey('bob', ['jobs:read', 'jobs:write']);
const reader = createKey('ann', ['jobs:read']);
const admin = createKey('root', ['admin']);
const { app, log } = await testApi({
  environment: { API_KEYS: [ann, bob, reader, admin].map(({ entry }) => entry).join(','), LOG_LEVEL: 'trace' },
});

const ask = (key: { token: string } | null, url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', payload?: object) =>
  app.inject({
    method,
    url,
    headers: key === null ? {} : { authorization: `Bearer ${key.token}` },
    ...(payload === undefined ? {} : { payload }),
  });
const newJob = async (key: { token: string }): Promise<string> =>
  (await ask(key, '/v1/jobs', 'POST', smallJob)).json().id;

test('without a key, or with one that is not known, nothing but health, metrics and documentation is served', async () => {
  for (const url of ['/v1/jobs', '/v1/datasets', '/v1/methods', '/v1/zoo', '/v1/losses', '/v1/formats']) {
    for (const key of [null, { token: 'gik_x' }, { token: '' }]) {
      const response = await ask(key, url);
      assert.deepEqual([response.statusCode, response.json().code], [401, 'UNAUTHENTICATED'], url);
      assert.match(String(response.headers['www-authenticate']), /^Bearer/);
    }
  }
  for (const url of ['/health/live', '/metrics', '/docs', '/openapi.json'])
    assert.equal((await ask(null, url)).statusCode, 200);
});

test('a key for reading cannot write', async () => {
  const response = await ask(reader, '/v1/jobs', 'POST', smallJob);
  assert.deepEqual([response.statusCode, response.json().code], [403, 'FORBIDDEN']);
  assert.match(response.json().detail, /"ann" lacks the scope jobs:write/);
  assert.equal((await ask(reader, '/v1/jobs')).statusCode, 200);
});

test("others' jobs do not exist, whatever is asked of them", async () => {
  const id = await newJob(ann);
  for (const [method, rest] of [
    ['GET', ''],
    ['GET', '/events'],
    ['GET', '/artifacts'],
    ['GET', '/artifacts/report.json'],
    ['GET', '/weights'],
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['DELETE', ''],
  ] as const) {
    const response = await ask(bob, `/v1/jobs/${id}${rest}`, method);
    assert.deepEqual([response.statusCode, response.json().code], [404, 'JOB_NOT_FOUND'], `${method} ${rest}`);
  }
  assert.deepEqual((await ask(bob, '/v1/jobs')).json().jobs, []);
  assert.equal((await ask(ann, `/v1/jobs/${id}`)).json().owner, 'ann');
  assert.equal((await ask(reader, `/v1/jobs/${id}`)).statusCode, 200, 'a second key of the same name sees the same');
  assert.equal((await ask(admin, `/v1/jobs/${id}`)).statusCode, 200);
  assert.ok((await ask(admin, '/v1/jobs')).json().jobs.length > 0);
});

test("one key's Idempotency-Key is not another's", async () => {
  const create = (key: { token: string }) =>
    app.inject({
      method: 'POST',
      url: '/v1/jobs',
      payload: smallJob,
      headers: { authorization: `Bearer ${key.token}`, 'idempotency-key': 'same' },
    });
  assert.notEqual((await create(ann)).json().id, (await create(bob)).json().id);
});

test("others' uploads do not exist, not even for a job", async () => {
  const boundary = 'b';
  const body = `--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\na,b,y\n1,2,0\n3,4,1\n\r\n--b--\r\n`;
  const upload = (key: { token: string }) =>
    app.inject({
      method: 'POST',
      url: '/v1/datasets',
      payload: body,
      headers: { authorization: `Bearer ${key.token}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  const { id, ref } = (await upload(ann)).json();
  assert.equal((await ask(bob, `/v1/datasets/${id}`)).statusCode, 404);
  assert.equal((await ask(bob, `/v1/datasets/${id}`, 'DELETE')).statusCode, 404);
  assert.deepEqual((await ask(bob, '/v1/datasets')).json().datasets, []);
  const job = await ask(bob, '/v1/jobs', 'POST', { ...smallJob, dataset: { ref } });
  assert.deepEqual([job.statusCode, job.json().code], [422, 'DATASET_NOT_FOUND']);
  const training = { epochs: 1, test: { ref } };
  const tested = await ask(bob, '/v1/jobs', 'POST', { ...smallJob, training });
  assert.deepEqual([tested.json().code, tested.json().errors[0].pointer], ['DATASET_NOT_FOUND', '/training/test/ref']);
  const { model, dataset } = smallJob;
  const comparison = { models: [{ model }], dataset, test: { ref }, methods: ['kaiming'], training: { epochs: 1 } };
  const compared = await ask(bob, '/v1/comparisons', 'POST', comparison);
  assert.deepEqual([compared.statusCode, compared.json().errors[0].pointer], [400, '/test/ref']);
  // The same bytes are stored once, each key has an upload of its own.
  const own = await upload(bob);
  assert.equal(own.statusCode, 201);
  assert.notEqual(own.json().id, id);
  assert.equal((await ask(bob, `/v1/datasets/${own.json().id}`, 'DELETE')).statusCode, 204);
  assert.equal((await ask(ann, `/v1/datasets/${id}`)).statusCode, 200);
  assert.equal((await ask(admin, `/v1/datasets/${id}`)).statusCode, 200);
});

test('keys are nowhere in the log', () => {
  assert.ok(log.length > 20);
  for (const { token, entry } of [ann, bob, reader, admin]) {
    assert.ok(!log.join('').includes(token));
    assert.ok(!log.join('').includes(entry));
  }
});

const badEntries: readonly { entry: string; says: RegExp }[] = [
  { entry: '', says: /entry 1 has no name/ },
  { entry: 'x', says: /entry 1/ },
  { entry: 'a b:admin:sha256:00', says: /no name/ },
  { entry: `a:admin:sha256:${'0'.repeat(63)}`, says: /SHA-256/ },
  { entry: `a:root:sha256:${'0'.repeat(64)}`, says: /scope "root"/ },
  { entry: `a::sha256:${'0'.repeat(64)}`, says: /scope ""/ },
];
for (const { entry, says } of badEntries) {
  test(`the entry ${JSON.stringify(entry.slice(0, 20))} of API_KEYS is refused without being shown`, () => {
    assert.throws(() => parseApiKeys([entry]), { code: 'USAGE', message: says });
  });
}

test('a new key opens what its entry says, and nothing else does', () => {
  const keys = parseApiKeys([ann.entry, bob.entry]);
  assert.equal(findKey(keys, bob.token)?.name, 'bob');
  assert.equal(findKey(keys, `${bob.token}x`), undefined);
  assert.throws(() => parseApiKeys([ann.entry, ann.entry]), { code: 'USAGE', message: /same hash/ });
});
