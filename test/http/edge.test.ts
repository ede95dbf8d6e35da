/** What arrives at the edge: slow senders, odd encodings, tunnels, pages of other origins. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { httpOptions } from '../../src/api/api-services.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createKey } from '../../src/http/api-keys.ts';
import { smallJob, testApi } from '../support/api.ts';
import { testValkey } from '../support/valkey.ts';

const page = 'https://app.example.com';
const { token, entry } = createKey('tester', ['jobs:read', 'jobs:write']);
const valkey = await testValkey();
const { app, inspector, queue } = await testApi({ valkey, environment: { API_KEYS: entry, CORS_ORIGINS: page } });
const open = (await testApi({ valkey, environment: { QUEUE_PREFIX: '{open}' } })).app;
const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
const authorization = `Bearer ${token}`;

/** Sends bytes, again and again if wanted, until the server closes; what it answered. */
function exchange(first: string, drip?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const timer = setInterval(() => drip !== undefined && socket.write(drip), 100);
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
    socket.write(first);
  });
}

const head = (...lines: string[]) =>
  `${['POST /v1/datasets HTTP/1.1', 'host: localhost', ...lines].join('\r\n')}\r\n\r\n`;

test('who has no key and goes on sending is answered and cut off', async () => {
  const sent = head('content-type: multipart/form-data; boundary=x', 'content-length: 1000000');
  const answer = await exchange(sent, 'x');
  assert.match(answer, /^HTTP\/1\.1 401 /);
  assert.match(answer, /"code":"UNAUTHENTICATED"/);
});

test('a tunnel is refused in words', async () => {
  const answer = await exchange('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 405 /);
  assert.match(answer, /allow: GET, HEAD, POST, DELETE/);
  assert.match(answer, /"code":"METHOD_NOT_ALLOWED"/);
});

test('a wish that no server grants is refused in words', async () => {
  const answer = await exchange('GET /v1/jobs HTTP/1.1\r\nhost: localhost\r\nexpect: 200-maybe\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /"code":"REQUEST_MALFORMED"/);
});

const bodies: readonly {
  title: string;
  url?: string;
  headers: Record<string, string>;
  status: number;
  code: string;
}[] = [
  { title: 'a compressed body', headers: { 'content-encoding': 'gzip' }, status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' },
  {
    title: 'a body in UTF-16',
    headers: { 'content-type': 'application/json; charset=utf-16' },
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
  },
  {
    title: 'a boundary of 5,000 characters',
    url: '/v1/datasets',
    headers: { 'content-type': `multipart/form-data; boundary=${'x'.repeat(5000)}` },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    title: 'no boundary',
    url: '/v1/datasets',
    headers: { 'content-type': 'multipart/form-data' },
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
];
for (const { title, url = '/v1/jobs', headers, status, code } of bodies) {
  test(`${title} is refused with ${status}`, async () => {
    const payload = JSON.stringify(smallJob);
    const response = await app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json', authorization, ...headers },
    });
    assert.deepEqual([response.statusCode, response.json().code], [status, code], response.body);
  });
}

test('UTF-8 may be named, and no compression may be named', async () => {
  const headers = {
    'content-type': 'application/json; charset="UTF-8"',
    'content-encoding': 'identity',
    authorization,
  };
  const response = await app.inject({ method: 'POST', url: '/v1/jobs', headers, payload: JSON.stringify(smallJob) });
  assert.equal(response.statusCode, 202, response.body);
});

for (const ref of [
  'DATASET:ds_00000000000000000000000000000000',
  'https:host/x',
  'HTTPS://host/x',
  'http:/x',
  'ftp://x/y',
  '/etc/passwd',
]) {
  test(`the reference ${ref} is refused, with the forms that there are`, async () => {
    const payload = { ...smallJob, dataset: { ref } };
    const response = await app.inject({ method: 'POST', url: '/v1/jobs', headers: { authorization }, payload });
    assert.deepEqual([response.statusCode, response.json().errors[0].pointer], [422, '/dataset/ref'], response.body);
    assert.match(response.json().detail, /dataset:ID, file:PATH, https:\/\/HOST\/PATH or s3:\/\/BUCKET\/KEY/);
  });
}

test('a page of the list may ask, with a key and without one in the question', async () => {
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/v1/jobs',
    headers: {
      origin: page,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  assert.equal(preflight.statusCode, 204);
  assert.equal(preflight.headers['access-control-allow-origin'], page);
  assert.match(String(preflight.headers['access-control-allow-headers']), /authorization.*idempotency-key.*range/);
  const { statusCode, headers } = await app.inject({ url: '/v1/jobs', headers: { origin: page, authorization } });
  assert.equal(statusCode, 200);
  assert.equal(headers['access-control-allow-origin'], page);
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
  const exposed = String(headers['access-control-expose-headers']);
  for (const name of ['ETag', 'Content-Range', 'Repr-Digest', 'Location', 'Retry-After', 'Idempotency-Replayed'])
    assert.ok(exposed.split(', ').includes(name), exposed);
});

test('a refusal can be read by a page of the list, too', async () => {
  const { statusCode, headers } = await app.inject({ url: '/v1/jobs', headers: { origin: page } });
  assert.deepEqual([statusCode, headers['access-control-allow-origin']], [401, page]);
});

test('pages of other origins get no permission', async () => {
  for (const origin of ['https://evil.example.com', 'null', `${page}.evil.com`]) {
    const { headers } = await app.inject({ url: '/v1/jobs', headers: { origin, authorization } });
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  }
});

test('without a list there is no permission, and without keys pages of other origins change nothing', async () => {
  const headers = { origin: 'https://evil.example.com', host: 'localhost' };
  const asked = await open.inject({
    method: 'OPTIONS',
    url: '/v1/jobs',
    headers: { ...headers, 'access-control-request-method': 'POST' },
  });
  assert.equal(asked.statusCode, 405);
  const form = { ...headers, 'content-type': 'multipart/form-data; boundary=x' };
  const { statusCode, body } = await open.inject({
    method: 'POST',
    url: '/v1/datasets',
    headers: form,
    payload: '--x--',
  });
  assert.equal(statusCode, 403, body);
  const own = await open.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers: { origin: 'http://localhost:8080', host: 'localhost:8080' },
    payload: smallJob,
  });
  assert.equal(own.statusCode, 202, own.body);
});

for (const origin of ['app.example.com', 'https://app.example.com/', '*', 'https://a.com b.com']) {
  test(`${origin} is refused as an origin`, () => {
    assert.throws(() => httpOptions(loadConfig({ CORS_ORIGINS: origin })), { code: 'USAGE', message: /CORS_ORIGINS/ });
  });
}

test('a large body is read by the inspector, a model is checked there once, and the topology is stored as text', async (t) => {
  const readBody = t.mock.method(inspector, 'readBody');
  const check = t.mock.method(inspector, 'check');
  const layers = Array.from({ length: 1000 }, (_, index) => ({
    class_name: 'Dense',
    config: { name: `d${index}`, units: 4, batch_input_shape: [null, 4] },
  }));
  const topology = { class_name: 'Sequential', config: { name: 'deep', layers } };
  const job = { model: { topology }, method: { name: 'xavier' } };
  const ids: string[] = [];
  for (const seed of [1, 2]) {
    const response = await app.inject({
      method: 'POST',
      url: '/v1/jobs',
      headers: { authorization },
      payload: { ...job, seed },
    });
    assert.equal(response.statusCode, 202, response.body);
    ids.push(response.json().id);
  }
  assert.equal(readBody.mock.callCount(), 2);
  assert.equal(check.mock.callCount(), 1);
  const spec = await queue.jobs.spec(ids[0] ?? '');
  assert.deepEqual(spec?.model, { topology: JSON.stringify(topology) });
});
