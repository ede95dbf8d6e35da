/** Bad input to every route: a stable code, a status, and the place. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';
import { layer, refusedSpecifications } from './refused-specifications.ts';

const { app } = await testApi({
  environment: { MAX_BODY_BYTES: '300000', MAX_PARAMETERS: '100000', REQUEST_TIMEOUT_SECONDS: '2' },
});
const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));

for (const { title, job, status = 422, code, pointer } of refusedSpecifications) {
  test(`a job with ${title} is refused, and the dry run says the same`, async () => {
    const headers = { 'content-type': 'application/json' };
    const payload = JSON.stringify(job);
    const response = await app.inject({ method: 'POST', url: '/v1/jobs', headers, payload });
    const problem = response.json();
    assert.deepEqual(
      [response.statusCode, problem.code, problem.errors[0]?.pointer],
      [status, code, pointer],
      response.body,
    );
    assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(problem.status, status);
    assert.equal(problem.instance, '/v1/jobs');
    assert.equal(problem.requestId, response.headers['x-request-id']);
    const dryRun = (await app.inject({ method: 'POST', url: '/v1/jobs/validate', headers, payload })).json();
    assert.equal(dryRun.valid, false);
    assert.deepEqual([dryRun.problems[0].code, dryRun.problems[0].pointer], [code, pointer]);
  });
}

test('several problems are told at once', async () => {
  const job = { ...smallJob, model: layer('Lambda'), dataset: { ref: 'builtin:mnist' } };
  const { problems } = (await app.inject({ method: 'POST', url: '/v1/jobs/validate', payload: job })).json();
  assert.deepEqual(
    problems.map(({ code }: { code: string }) => code),
    ['LAYER_UNKNOWN', 'DATASET_NOT_FOUND'],
  );
});

const bodies: readonly { title: string; type?: string; body: string; status: number; code: string }[] = [
  { title: 'no JSON', body: '{"model":', status: 400, code: 'REQUEST_MALFORMED' },
  { title: 'nothing', body: '', status: 400, code: 'INVALID_INPUT' },
  { title: 'a prototype', body: '{"__proto__":{"isAdmin":true}}', status: 400, code: 'REQUEST_MALFORMED' },
  {
    title: 'a prototype in disguise',
    body: '{"model":{"\\u005f_proto__":{}}}',
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  { title: 'a constructor', body: '{"constructor":{"prototype":{"x":1}}}', status: 400, code: 'REQUEST_MALFORMED' },
  {
    title: '20,000 levels',
    body: `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    title: 'more bytes than allowed',
    body: JSON.stringify({ x: 'x'.repeat(400_000) }),
    status: 413,
    code: 'REQUEST_TOO_LARGE',
  },
  {
    title: 'a form',
    type: 'application/x-www-form-urlencoded',
    body: 'a=1',
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
  },
  { title: 'plain text', type: 'text/plain', body: '{}', status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' },
];
for (const { title, type = 'application/json', body, status, code } of bodies) {
  test(`a body of ${title} is refused`, async () => {
    for (const url of ['/v1/jobs', '/v1/jobs/validate']) {
      const response = await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload: body });
      if (url.endsWith('validate') && body === '') continue;
      assert.deepEqual([response.statusCode, response.json().code], [status, code], response.body);
    }
  });
}

const requests: readonly {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  url: string;
  headers?: Record<string, string>;
  status: number;
  code: string;
  pointer?: string;
}[] = [
  { url: '/v1/jobs?limit=0', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs?limit=101', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs?limit=1.5', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs?limit=1&limit=2', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs?limit=', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs?status=done', status: 400, code: 'INVALID_INPUT', pointer: '/query/status' },
  { url: '/v1/jobs?after=x', status: 400, code: 'INVALID_INPUT', pointer: '/query/after' },
  { url: '/v1/jobs?colour=x', status: 400, code: 'INVALID_INPUT', pointer: '/query/colour' },
  { url: '/v1/jobs/x?wait=1000', status: 400, code: 'INVALID_INPUT', pointer: '/query/wait' },
  { url: '/v1/jobs/x?wait=soon', status: 400, code: 'INVALID_INPUT', pointer: '/query/wait' },
  { url: '/v1/jobs/x/events?limit=5000', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/jobs/x/events?after=first', status: 400, code: 'INVALID_INPUT', pointer: '/query/after' },
  {
    url: '/v1/jobs/x/events',
    headers: { 'last-event-id': 'x' },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/header/last-event-id',
  },
  { url: '/v1/jobs/x/weights?format=pickle', status: 400, code: 'INVALID_INPUT', pointer: '/query/format' },
  {
    method: 'POST',
    url: '/v1/jobs',
    headers: { 'idempotency-key': 'a b' },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/header/idempotency-key',
  },
  { url: '/v1/jobs/x', status: 404, code: 'JOB_NOT_FOUND' },
  { url: '/v1/jobs/..%2f..%2fetc%2fpasswd', status: 404, code: 'JOB_NOT_FOUND' },
  { url: '/v1/jobs/%00', status: 404, code: 'JOB_NOT_FOUND' },
  { url: `/v1/jobs/${'x'.repeat(500)}`, status: 400, code: 'INVALID_INPUT', pointer: '/path/id' },
  { url: '/v1/jobs/%zz', status: 400, code: 'REQUEST_MALFORMED' },
  { url: '/v1/datasets/ds_x', status: 404, code: 'DATASET_NOT_FOUND' },
  { method: 'DELETE', url: '/v1/datasets/ds_x', status: 404, code: 'DATASET_NOT_FOUND' },
  { url: '/v1/datasets?limit=x', status: 400, code: 'INVALID_INPUT', pointer: '/query/limit' },
  { url: '/v1/methods/__proto__', status: 404, code: 'METHOD_UNKNOWN' },
  { url: '/v1/zoo/toString', status: 404, code: 'ZOO_UNKNOWN', pointer: '/name' },
  { url: '/v2/jobs', status: 404, code: 'ROUTE_NOT_FOUND' },
  { url: '/v1', status: 404, code: 'ROUTE_NOT_FOUND' },
  { method: 'PUT', url: '/v1/jobs', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { method: 'PATCH', url: '/v1/jobs/x', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { method: 'POST', url: '/health/live', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { method: 'DELETE', url: '/v1/jobs/x/artifacts/tfjs/model.json', status: 405, code: 'METHOD_NOT_ALLOWED' },
];
for (const { method: verb = 'GET', url, headers = {}, status, code, pointer } of requests) {
  test(`${verb} ${url.slice(0, 60)} ${Object.values(headers).join()} is ${status}`, async () => {
    const payload = verb === 'POST' && url === '/v1/jobs' ? { payload: smallJob } : {};
    const response = await app.inject({ method: verb, url, headers, ...payload });
    const problem = response.json();
    assert.deepEqual(
      [response.statusCode, problem.code, problem.errors[0]?.pointer],
      [status, code, pointer],
      response.body,
    );
    if (status === 405) assert.match(String(response.headers.allow), /GET|POST/);
  });
}

/** Sends bytes and reads until the server closes. */
const raw = (text: string, close = true) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(address.port), address.hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(text);
    if (close) socket.end();
  });

test('what is no HTTP is told so as a problem', async () => {
  const answer = await raw('how are you?\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request/);
  assert.match(answer, /"code":"REQUEST_MALFORMED"/);
});

test('a body that does not arrive is given up', async () => {
  const answer = await raw(
    'POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"mo',
    false,
  );
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(answer, /"code":"REQUEST_TIMEOUT"/);
});

test('a body that is announced larger than allowed is refused before it is sent', async () => {
  const answer = await raw(
    'POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000000000\r\n\r\n',
    false,
  );
  assert.match(answer, /^HTTP\/1\.1 413 /);
});
