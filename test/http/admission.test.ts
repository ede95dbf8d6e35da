/** Who may take up room: waiting jobs of a key, connections, names and texts of a job, files of an upload. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { createApiServices } from '../../src/api/api-services.ts';
import { smallJob, testApi, until } from '../support/api.ts';
import { testValkey } from '../support/valkey.ts';

const valkey = await testValkey();
const limited = async (prefix: string, environment: Record<string, string>) =>
  testApi({ valkey, environment: { QUEUE_PREFIX: `{${prefix}}`, ...environment } });
const { app } = await limited('quota', { MAX_QUEUED_JOBS_PER_KEY: '3' });

const submit = (payload: object, key?: string) =>
  app.inject({
    method: 'POST',
    url: '/v1/jobs',
    payload,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

test('of twenty jobs at the same moment as many are taken as may wait, and a key that was used is answered again', async () => {
  const first = await submit(smallJob, 'again');
  assert.equal(first.statusCode, 202, first.body);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, seed) => submit({ ...smallJob, seed })));
  const codes = answers.map((answer) => (answer.statusCode === 202 ? 'taken' : answer.json().code));
  assert.deepEqual(codes.sort(), [...Array.from({ length: 18 }, () => 'QUOTA_EXCEEDED'), 'taken', 'taken']);
  const again = await submit(smallJob, 'again');
  assert.deepEqual([again.statusCode, again.json().id], [202, first.json().id], again.body);
});

const comparison = {
  models: [{ model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', 'xavier'],
  seeds: [0],
  training: { epochs: 1, batchSize: 64 },
};

test('the cells of a comparison count as waiting jobs, and its key is answered again when there is no room', async () => {
  const { app: other } = await limited('cells', { MAX_QUEUED_JOBS_PER_KEY: '3' });
  const post = (key: string) =>
    other.inject({ method: 'POST', url: '/v1/comparisons', payload: comparison, headers: { 'idempotency-key': key } });
  const first = await post('one');
  assert.equal(first.statusCode, 202, first.body);
  const second = await post('two');
  assert.deepEqual([second.statusCode, second.json().code], [429, 'QUOTA_EXCEEDED']);
  const again = await post('one');
  assert.deepEqual([again.statusCode, again.json().id], [202, first.json().id], again.body);
});

test('a comparison that is cancelled while its cells are made stays cancelled, and goes with the retention', async () => {
  const { app: other, config, queue, stores, inspector } = await limited('cancel', {});
  const payload = { ...comparison, seeds: Array.from({ length: 40 }, (_, seed) => seed) };
  const making = other.inject({ method: 'POST', url: '/v1/comparisons', payload });
  const listed = async () => (await other.inject('/v1/comparisons')).json().comparisons;
  await until(async () => (await listed()).length === 1);
  const [{ id }] = await listed();
  const cancelled = (await other.inject({ method: 'POST', url: `/v1/comparisons/${id}/cancel` })).json();
  assert.equal(cancelled.status, 'cancelled');
  await making;
  const { comparisons } = createApiServices(config, { queue, stores, inspector });
  await comparisons.settleAbandoned(0);
  const found = (await other.inject(`/v1/comparisons/${id}`)).json();
  assert.equal(found.status, 'cancelled');
  assert.equal(found.counts.queued ?? 0, 0);
  assert.equal(await comparisons.sweep(Date.now() + 1000), 1);
  assert.equal((await other.inject(`/v1/comparisons/${id}`)).json().code, 'COMPARISON_NOT_FOUND');
  assert.equal((await queue.jobs.list({ owner: null, limit: 100 })).records.length, 0);
});

for (const [title, metadata] of [
  ['a name of 101 characters', { ['k'.repeat(101)]: 'x' }],
  ['a name of five million', { ['k'.repeat(5_000_000)]: 'x' }],
  ['a text of 1,001 characters', { k: 'x'.repeat(1001) }],
  ['51 names', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, 'x']))],
  ['more than 16 KiB in all', Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 'x'.repeat(900)]))],
] as const) {
  test(`metadata with ${title} are refused`, async () => {
    const response = await submit({ ...smallJob, metadata });
    assert.ok([400, 413].includes(response.statusCode), response.body.slice(0, 300));
    if (response.statusCode === 400) assert.match(response.json().errors[0].pointer, /^\/metadata/);
    assert.ok(response.body.length < 5000);
  });
}

test('a method whose options need samples is refused without a dataset', async () => {
  const { dataset: _, ...rest } = smallJob;
  const response = await submit({ ...rest, method: { name: 'metainit', options: { data: 'samples' } } });
  assert.deepEqual([response.statusCode, response.json().errors[0].pointer], [400, '/dataset'], response.body);
});

test('whatever artifact needs a topology that TensorFlow.js can read is refused at once where it cannot', async () => {
  const topology = {
    class_name: 'Sequential',
    config: {
      name: 'net',
      layers: [
        { class_name: 'Reshape', config: { name: 'r', target_shape: [64], batch_input_shape: [null, 8, 8, 1] } },
        { class_name: 'Activation', config: { name: 'a', activation: 'celu' } },
        { class_name: 'Dense', config: { name: 'logits', units: 10 } },
      ],
    },
  };
  const answers = await Promise.all(
    [['tfjs-layers'], ['safetensors', 'tfjs-layers'], ['safetensors']].map((artifacts) =>
      app.inject({
        method: 'POST',
        url: '/v1/jobs/validate',
        payload: { ...smallJob, model: { format: 'keras2', topology }, artifacts },
      }),
    ),
  );
  const codes = answers.map((answer) => answer.json().problems.map(({ code }: { code: string }) => code));
  assert.deepEqual(codes, [['ARTIFACT_UNSUPPORTED'], ['ARTIFACT_UNSUPPORTED'], []]);
});

test('64 tables that have nothing to do with each other are no dataset', async () => {
  const part = (at: number) => {
    const columns = Array.from({ length: 2 + (at % 5) }, (_, column) => `c${at}_${column}`);
    const rows = Array.from({ length: 3 + (at % 7) }, () => columns.map((_, column) => column).join(','));
    const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="t${at}.csv"\r\n\r\n`;
    return `${head}${[columns.join(','), ...rows].join('\n')}\r\n`;
  };
  const payload = `${Array.from({ length: 64 }, (_, at) => part(at)).join('')}--b--\r\n`;
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const response = await app.inject({ method: 'POST', url: '/v1/datasets', headers, payload });
  assert.equal(response.statusCode, 422, response.body.slice(0, 500));
  assert.notEqual(response.json().code, 'INTERNAL');
  assert.match(response.json().detail, /t\d+\.csv/);
});

test('a connection more than may be open is closed, and the others are served', async () => {
  const { app: other } = await limited('connections', { MAX_CONNECTIONS: '5' });
  const port = Number(new URL(await other.listen({ port: 0, host: '127.0.0.1' })).port);
  const sockets: Socket[] = [];
  after(() => sockets.forEach((socket) => void socket.destroy()));
  const open = () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  const held = Array.from({ length: 5 }, open);
  await until(() => held.every(({ readyState }) => readyState === 'open'));
  const [first] = held;
  const answered = new Promise<string>((resolve) => first?.once('data', (data) => resolve(data.toString())));
  first?.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
  assert.match(await answered, /^HTTP\/1\.1 200 /);
  const refused = open();
  await until(() => refused.destroyed);
});
