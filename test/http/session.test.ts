/** Signing in from a browser: the cookie, what it may do, and what other pages cannot do with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKey } from '../../src/http/api-keys.ts';
import { smallJob, testApi } from '../support/api.ts';
import { testValkey } from '../support/valkey.ts';

const ann = createKey('ann', ['jobs:read', 'jobs:write']);
const reader = createKey('reader', ['jobs:read']);
const admin = createKey('root', ['admin']);
const valkey = await testValkey();
const environment = { API_KEYS: [ann, reader, admin].map(({ entry }) => entry).join(',') };
const { app, log, queue } = await testApi({ valkey, environment: { ...environment, LOG_LEVEL: 'trace' } });
const tls = (await testApi({ valkey, environment: { ...environment, PUBLIC_URL: 'https://gradinit.example.com' } }))
  .app;
const open = (await testApi({ valkey, environment: { QUEUE_PREFIX: '{open}' } })).app;

const signIn = (key: string, headers: Record<string, string> = {}, server = app) =>
  server.inject({
    method: 'POST',
    url: '/v1/session',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams({ key }).toString(),
  });
const cookieOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['set-cookie'] ?? '');
const session = async ({ token }: { token: string }) => cookieOf(await signIn(token)).split(';', 1)[0] ?? '';
const own = { 'sec-fetch-site': 'same-origin' };

test('a key becomes a cookie that scripts and other sites cannot use, and that holds no key', async () => {
  const response = await signIn(ann.token);
  assert.deepEqual(response.json(), { keysRequired: true, name: 'ann', scopes: ['jobs:read', 'jobs:write'] });
  const cookie = cookieOf(response);
  for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200']) assert.ok(cookie.includes(part), part);
  assert.ok(!cookie.includes('Secure') && !cookie.includes(ann.token));
  assert.ok(cookieOf(await signIn(ann.token, {}, tls)).includes('Secure'));
});

test('an unknown key, a form without one and another site sign nobody in', async () => {
  for (const [response, status, code] of [
    [await signIn('gik_unknown'), 401, 'UNAUTHENTICATED'],
    [await signIn(''), 400, 'INVALID_INPUT'],
    [await signIn(ann.token, { 'sec-fetch-site': 'cross-site' }), 403, 'FORBIDDEN'],
    [await signIn(ann.token, { origin: 'https://evil.example' }), 403, 'FORBIDDEN'],
    [await signIn(ann.token, { 'content-type': 'application/json' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    [await signIn('x'.repeat(5000)), 413, 'REQUEST_TOO_LARGE'],
  ] as const) {
    assert.deepEqual([response.statusCode, response.json().code], [status, code]);
    assert.equal(cookieOf(response), '');
  }
});

test('a session has the scopes of its key', async () => {
  const cookie = await session(reader);
  assert.equal((await app.inject({ url: '/v1/jobs', headers: { cookie } })).statusCode, 200);
  const refused = await app.inject({ method: 'POST', url: '/v1/jobs', headers: { cookie, ...own }, payload: smallJob });
  assert.deepEqual([refused.statusCode, refused.json().code], [403, 'FORBIDDEN']);
  assert.match(refused.json().detail, /lacks the scope jobs:write/);
});

test('only pages of this server change anything with a session', async () => {
  const cookie = await session(ann);
  const create = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/jobs', headers: { cookie, host: 'here:1', ...headers }, payload: smallJob });
  for (const headers of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://here:1', 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[]) {
    const response = await create(headers);
    assert.deepEqual([response.statusCode, response.json().code], [403, 'FORBIDDEN'], JSON.stringify(headers));
  }
  const made = await create(own);
  assert.deepEqual([made.statusCode, made.json().owner], [202, 'ann']);
  assert.equal((await create({ origin: 'http://here:1' })).statusCode, 202);
  const { id } = made.json();
  const foreign = await app.inject({ method: 'DELETE', url: `/v1/jobs/${id}`, headers: { cookie } });
  assert.equal(foreign.statusCode, 403);
});

test('a bearer token counts before a cookie', async () => {
  const headers = { cookie: await session(ann), authorization: 'Bearer gik_unknown' };
  assert.equal((await app.inject({ url: '/v1/jobs', headers })).statusCode, 401);
});

test('who signed out has no session any more, on no process', async () => {
  const cookie = await session(ann);
  const who = (server: typeof app) => server.inject({ url: '/v1/session', headers: { cookie } });
  assert.equal((await who(tls)).json().name, 'ann');
  const out = await app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie, ...own } });
  assert.equal(out.statusCode, 204);
  assert.match(cookieOf(out), /gradinit_session=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
  for (const server of [app, tls]) assert.equal((await who(server)).statusCode, 401);
});

test('without keys everybody is signed in', async () => {
  const { keysRequired, scopes } = (await open.inject('/v1/session')).json();
  assert.deepEqual([keysRequired, scopes], [false, ['jobs:read', 'jobs:write', 'admin']]);
});

test('the queue by tenant: a key sees itself, an admin everybody', async () => {
  const ask = async ({ token }: { token: string }) =>
    (await app.inject({ url: '/v1/queue', headers: { authorization: `Bearer ${token}` } })).json();
  const mine = await ask(ann);
  assert.deepEqual([mine.tenants.length, mine.tenants[0].name, mine.jobs.queued], [1, 'ann', 2]);
  assert.equal((await ask(reader)).jobs.queued, 0);
  const all = await ask(admin);
  const names = all.tenants.map(({ name, jobs }: { name: string; jobs: { queued: number } }) => [name, jobs.queued]);
  assert.deepEqual(names, [
    ['ann', 2],
    ['reader', 0],
    ['root', 0],
  ]);
});

test('a browser that opens a report without a session is led to the page and from there back', async () => {
  const url = '/v1/comparisons/cmp_x/report.html';
  const led = await app.inject({ url, headers: { accept: 'text/html,*/*;q=0.8' } });
  assert.deepEqual([led.statusCode, led.headers.location], [303, `/?next=${encodeURIComponent(url)}`]);
  assert.equal((await app.inject({ url })).statusCode, 401);
});

test('neither keys nor ids of sessions are stored or logged', async () => {
  const cookie = await session(ann);
  const id = cookie.split('=')[1] ?? '';
  const keys = await queue.redis.keys('*session*');
  assert.ok(keys.length > 0 && keys.every((key) => !key.includes(id)));
  const text = log.join('');
  assert.ok(text.length > 100 && !text.includes(ann.token) && !text.includes(id));
});
