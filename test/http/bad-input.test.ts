/** Bad input to every route: a stable code, a status, and the place. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';

const { app } = await testApi({
  environment: { MAX_BODY_BYTES: '300000', MAX_PARAMETERS: '100000', REQUEST_TIMEOUT_SECONDS: '0.3' },
});
const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));

const dense = (config: object) => ({
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: 'Dense', config: { name: 'd', units: 10, batch_input_shape: [null, 64], ...config } }],
    },
  },
});
const layer = (className: string, config: object = {}) => ({
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: className, config: { name: 'l', batch_input_shape: [null, 64], ...config } }],
    },
  },
});
const { model, method, dataset } = smallJob;

interface Row {
  readonly title: string;
  readonly job: unknown;
  readonly status?: number;
  readonly code: string;
  /** Of the first place. */
  readonly pointer: string;
}

const specifications: readonly Row[] = [
  { title: 'nothing', job: {}, status: 400, code: 'INVALID_INPUT', pointer: '/model' },
  { title: 'a list', job: [], status: 400, code: 'INVALID_INPUT', pointer: '' },
  { title: 'null', job: null, status: 400, code: 'INVALID_INPUT', pointer: '' },
  {
    title: 'an unknown field',
    job: { ...smallJob, colour: 1 },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/colour',
  },
  {
    title: 'an unknown field of the model',
    job: { ...smallJob, model: { ...model, x: 1 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/model/x',
  },
  { title: 'a seed as text', job: { ...smallJob, seed: '1' }, status: 400, code: 'INVALID_INPUT', pointer: '/seed' },
  { title: 'a negative seed', job: { ...smallJob, seed: -1 }, status: 400, code: 'INVALID_INPUT', pointer: '/seed' },
  {
    title: 'a seed beyond 2^53',
    job: { ...smallJob, seed: 2 ** 60 },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/seed',
  },
  {
    title: 'no dataset for a method that needs one',
    job: { model, method },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset',
  },
  {
    title: 'an unknown method',
    job: { ...smallJob, method: { name: 'magic' } },
    code: 'METHOD_UNKNOWN',
    pointer: '/method/name',
  },
  {
    title: 'a method named like a property of every object',
    job: { ...smallJob, method: { name: 'constructor' } },
    code: 'METHOD_UNKNOWN',
    pointer: '/method/name',
  },
  {
    title: 'an unknown option of a method',
    job: { ...smallJob, method: { name: 'gradinit', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/method/options/x',
  },
  {
    title: 'an option out of range',
    job: { ...smallJob, method: { name: 'gradinit', options: { iterations: 0 } } },
    code: 'OPTION_INVALID',
    pointer: '/method/options/iterations',
  },
  {
    title: 'a batch larger than the data',
    job: { ...smallJob, method: { name: 'gradinit', options: { batchSize: 5000 } } },
    code: 'BATCH_TOO_LARGE',
    pointer: '/method/options/batchSize',
  },
  {
    title: 'an unknown loss',
    job: { ...smallJob, loss: 'cosine' },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/loss',
  },
  {
    title: 'an unknown option of a loss',
    job: { ...smallJob, loss: { name: 'huber', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/loss/options/x',
  },
  {
    title: 'an unknown artifact format',
    job: { ...smallJob, artifacts: ['pickle'] },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/artifacts/0',
  },
  {
    title: 'no artifact at all',
    job: { ...smallJob, artifacts: [] },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/artifacts',
  },
  {
    title: 'more time than is given here',
    job: { ...smallJob, limits: { maxRunSeconds: 1_000_000 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/limits/maxRunSeconds',
  },
  {
    title: 'metadata that is no text',
    job: { ...smallJob, metadata: { a: 1 } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/metadata/a',
  },
  {
    title: 'an unknown zoo model',
    job: { ...smallJob, model: { format: 'zoo', name: 'yolo' } },
    code: 'ZOO_UNKNOWN',
    pointer: '/model/name',
  },
  {
    title: 'an unknown option of a zoo model',
    job: { ...smallJob, model: { format: 'zoo', name: 'mlp', options: { x: 1 } } },
    code: 'OPTION_INVALID',
    pointer: '/model/options/x',
  },
  {
    title: 'a topology that is none',
    job: { ...smallJob, model: { topology: { a: 1 } } },
    code: 'MODEL_MALFORMED',
    pointer: '/model/topology',
  },
  {
    title: 'an unknown layer',
    job: { ...smallJob, model: layer('Lambda') },
    code: 'LAYER_UNKNOWN',
    pointer: '/model/topology/config/layers/0/config',
  },
  {
    title: 'a layer named like a property of every object',
    job: { ...smallJob, model: layer('toString') },
    code: 'LAYER_UNKNOWN',
    pointer: '/model/topology/config/layers/0/config',
  },
  {
    title: 'a layer without units',
    job: { ...smallJob, model: dense({ units: 0 }) },
    code: 'LAYER_INVALID',
    pointer: '/model/topology/config/layers/0/config/units',
  },
  {
    title: 'an initializer named like a method',
    job: { ...smallJob, model: dense({ kernel_initializer: { class_name: 'valueOf', config: {} } }) },
    code: 'LAYER_INVALID',
    pointer: '/model/topology/config/layers/0/config/kernel_initializer',
  },
  {
    title: 'more parameters than allowed',
    job: { ...smallJob, model: dense({ units: 10_000 }) },
    code: 'MODEL_TOO_LARGE',
    pointer: '/model/topology',
  },
  {
    title: 'a topology by a reference that leads nowhere',
    job: { ...smallJob, model: { ref: 'dataset:ds_0' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/model/ref',
  },
  {
    title: 'weights by a path',
    job: { ...smallJob, weights: { ref: 'file:/etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/weights/ref',
  },
  {
    title: 'a dataset of no scheme',
    job: { ...smallJob, dataset: { ref: 'digits' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown built-in dataset',
    job: { ...smallJob, dataset: { ref: 'builtin:mnist' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown upload',
    job: { ...smallJob, dataset: { ref: 'dataset:ds_00000000000000000000000000000000' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'an upload by a path',
    job: { ...smallJob, dataset: { ref: 'dataset:../../etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'a file where files are off',
    job: { ...smallJob, dataset: { ref: 'file:/etc/passwd' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'a bucket',
    job: { ...smallJob, dataset: { ref: 's3://bucket/key' } },
    code: 'DATASET_NOT_FOUND',
    pointer: '/dataset/ref',
  },
  {
    title: 'a URL into our own network',
    job: { ...smallJob, dataset: { ref: 'https://127.0.0.1/x.csv' } },
    code: 'REMOTE_REFUSED',
    pointer: '/dataset/ref',
  },
  {
    title: 'an unknown option of a dataset',
    job: { ...smallJob, dataset: { ...dataset, options: { x: 1 } } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset/options/x',
  },
  {
    title: 'an option of another format',
    job: { ...smallJob, dataset: { ...dataset, options: { part: 'test' } } },
    status: 400,
    code: 'INVALID_INPUT',
    pointer: '/dataset/options/part',
  },
  {
    title: 'data of another shape',
    job: { ...smallJob, model: dense({ batch_input_shape: [null, 63] }) },
    code: 'DATASET_SHAPE_MISMATCH',
    pointer: '/dataset',
  },
  {
    title: 'fewer outputs than classes',
    job: { ...smallJob, model: dense({ units: 3 }) },
    code: 'DATASET_SHAPE_MISMATCH',
    pointer: '/loss',
  },
];

for (const { title, job, status = 422, code, pointer } of specifications) {
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
  { url: '/', status: 404, code: 'ROUTE_NOT_FOUND' },
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
