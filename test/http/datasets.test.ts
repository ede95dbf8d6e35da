import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { smallJob, testApi, until } from '../support/api.ts';
import { csv, idx, npy, safetensors } from '../support/upload-files.ts';

const { app, config } = await testApi({ environment: { MAX_UPLOAD_BYTES: '200000' } });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
const contents = path.join(config.stateDir, 'contents');
const storedFiles = () =>
  readdirSync(contents, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

const model = {
  class_name: 'Sequential',
  config: {
    name: 'm',
    layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 2] } }],
  },
};

interface Answer {
  id: string;
  ref: string;
  name: string;
  kind: string;
  sha256: string;
  code: string;
  detail: string;
  description: { format: string; samples: number };
}

async function upload(files: Record<string, string | Uint8Array>, query = '') {
  const form = new FormData();
  for (const [name, content] of Object.entries(files))
    form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
  const response = await fetch(`${url}/v1/datasets${query}`, { method: 'POST', body: form });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

test('an upload is recognised, opened and described, and equal bytes are one dataset', async () => {
  const first = await upload({ 'points.csv': csv(40) });
  assert.equal(first.status, 201);
  assert.match(first.body.id, /^ds_[0-9a-f]{32}$/);
  assert.equal(first.body.ref, `dataset:${first.body.id}`);
  assert.equal(first.body.sha256, createHash('sha256').update(csv(40)).digest('hex'));
  assert.deepEqual(
    [first.body.kind, first.body.description.samples, first.body.description.format],
    ['dataset', 40, 'csv'],
  );
  const again = await upload({ 'points.csv': csv(40) });
  assert.equal(again.status, 200);
  assert.equal(again.body.id, first.body.id);
  const listed = await app.inject('/v1/datasets');
  assert.deepEqual(
    listed.json().datasets.map(({ id }: { id: string }) => id),
    [first.body.id],
  );
});

const kinds: readonly {
  title: string;
  files: Record<string, string | Uint8Array>;
  query?: string;
  kind: string;
  format: string;
}[] = [
  {
    title: 'IDX images with their labels',
    files: {
      'train-images-idx3-ubyte': idx([4, 2, 2], new Uint8Array(16)),
      'train-labels-idx1-ubyte': idx([4], new Uint8Array([0, 1, 2, 1])),
    },
    kind: 'dataset',
    format: 'idx',
  },
  {
    title: "IDX images under the test split's names",
    files: {
      't10k-labels-idx1-ubyte': idx([4], new Uint8Array([0, 1, 2, 1])),
      't10k-images-idx3-ubyte': idx([4, 2, 2], new Uint8Array(16)),
    },
    kind: 'dataset',
    format: 'idx',
  },
  {
    title: 'two arrays, x.npy and y.npy',
    files: {
      'x.npy': npy('(4, 3)', new Uint8Array(12).fill(7, 3)),
      'y.npy': npy('(4,)', new Uint8Array([0, 1, 2, 1])),
    },
    kind: 'dataset',
    format: 'npy',
  },
  {
    title: 'a CIFAR-10 batch',
    files: { 'data_batch_1.bin': new Uint8Array(3073 * 2).fill(1, 3073) },
    kind: 'dataset',
    format: 'cifar-10',
  },
  { title: 'a topology', files: { 'model.json': JSON.stringify(model) }, kind: 'model', format: 'tfjs-layers' },
  {
    title: 'safetensors',
    files: { 'w.safetensors': safetensors('d/kernel', [2, 2], [1, 2, 3, 4]) },
    kind: 'weights',
    format: 'safetensors',
  },
];
for (const { title, files, query, kind, format } of kinds) {
  test(`${title} can be uploaded`, async () => {
    const { status, body } = await upload(files, query);
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual([body.kind, body.description.format], [kind, format]);
  });
}

test('a job runs on uploads: data, topology and weights by reference', async () => {
  const data = await upload({ 'points.csv': csv(40) });
  const topology = await upload({ 'model.json': JSON.stringify(model) });
  const weights = await upload({ 'start.safetensors': Buffer.concat([safetensors('d/kernel', [2, 2], [1, 2, 3, 4])]) });
  const job = {
    model: { ref: topology.body.ref },
    dataset: { ref: data.body.ref },
    method: { name: 'gradinit', options: { batchSize: 8, iterations: 2, learningRate: 1e-3 } },
  };
  const accepted = await app.inject({ method: 'POST', url: '/v1/jobs', payload: job });
  assert.equal(accepted.statusCode, 202, accepted.body);
  const misfit = await app.inject({
    method: 'POST',
    url: '/v1/jobs',
    payload: { ...job, weights: { ref: weights.body.ref } },
  });
  assert.deepEqual([misfit.statusCode, misfit.json().code], [422, 'WEIGHTS_MISMATCH']);
  const refused = await app.inject({ method: 'DELETE', url: `/v1/datasets/${data.body.id}` });
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'DATASET_IN_USE']);
  await app.inject({ method: 'POST', url: `/v1/jobs/${accepted.json().id}/cancel` });
  const removed = await app.inject({ method: 'DELETE', url: `/v1/datasets/${data.body.id}` });
  assert.equal(removed.statusCode, 204, removed.body);
  assert.equal((await app.inject(`/v1/datasets/${data.body.id}`)).statusCode, 404);
  assert.equal(
    (await app.inject({ method: 'POST', url: '/v1/jobs', payload: job })).json().errors[0].pointer,
    '/dataset/ref',
  );
});

test('what a job is tested with cannot be deleted while the job needs it', async () => {
  const data = await upload({ 'points.csv': csv(40) });
  const held = await upload({ 'held-out.csv': csv(20) });
  const job = {
    model: { topology: model },
    dataset: { ref: data.body.ref },
    method: { name: 'kaiming' },
    training: { epochs: 1, batchSize: 8, test: { ref: held.body.ref } },
  };
  const accepted = await app.inject({ method: 'POST', url: '/v1/jobs', payload: job });
  assert.equal(accepted.statusCode, 202, accepted.body);
  const refused = await app.inject({ method: 'DELETE', url: `/v1/datasets/${held.body.id}` });
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'DATASET_IN_USE']);
  await app.inject({ method: 'POST', url: `/v1/jobs/${accepted.json().id}/cancel` });
  assert.equal((await app.inject({ method: 'DELETE', url: `/v1/datasets/${held.body.id}` })).statusCode, 204);
});

test('an upload keeps a shape that a model does not take from being submitted with it', async () => {
  const { body } = await upload({ 'points.csv': csv(30) });
  const response = await app.inject({
    method: 'POST',
    url: '/v1/jobs',
    payload: { ...smallJob, dataset: { ref: body.ref } },
  });
  assert.deepEqual([response.statusCode, response.json().code], [422, 'DATASET_SHAPE_MISMATCH']);
  assert.equal(response.json().errors[0].pointer, '/dataset');
});

const refused: readonly {
  title: string;
  files: Record<string, string | Uint8Array>;
  query?: string;
  status: number;
  code: string;
  says: RegExp;
}[] = [
  { title: 'nothing', files: {}, status: 400, code: 'INVALID_INPUT', says: /no file/ },
  { title: 'noise', files: { 'x.dat': randomBytes(500) }, status: 422, code: 'DATASET_FORMAT_UNKNOWN', says: /x\.dat/ },
  { title: 'an empty file', files: { 'x.csv': '' }, status: 422, code: 'DATASET_FORMAT_UNKNOWN', says: /x\.csv/ },
  {
    title: 'a table with a hole',
    files: { 'x.csv': 'a,b,y\n1,2,0\n1,0\n' },
    status: 422,
    code: 'DATASET_MALFORMED',
    says: /row 3.*3 columns.*2/,
  },
  {
    title: 'images without labels',
    files: { 'train-images-idx3-ubyte': idx([4, 2, 2], new Uint8Array(16)) },
    status: 422,
    code: 'DATASET_NOT_FOUND',
    says: /labels/,
  },
  {
    title: 'a lying header',
    files: { 'w.safetensors': safetensors('k', [1000, 1000], [1]) },
    status: 422,
    code: 'WEIGHTS_MALFORMED',
    says: /w\.safetensors/,
  },
  {
    title: 'a topology of an unknown layer',
    files: {
      'm.json':
        '{"class_name":"Sequential","config":{"layers":[{"class_name":"Lambda","config":{"batch_input_shape":[null,2]}}]}}',
    },
    status: 422,
    code: 'LAYER_UNKNOWN',
    says: /Lambda/,
  },
  {
    title: 'a table as weights',
    files: { 'a.csv': csv(3) },
    query: '?kind=weights',
    status: 422,
    code: 'WEIGHTS_MALFORMED',
    says: /a\.csv/,
  },
  { title: 'too many bytes', files: { 'big.csv': csv(30_000) }, status: 413, code: 'UPLOAD_TOO_LARGE', says: /200000/ },
  {
    title: 'an unknown kind',
    files: { 'a.csv': csv(3) },
    query: '?kind=x',
    status: 400,
    code: 'INVALID_INPUT',
    says: /kind/,
  },
];
for (const { title, files, query, status, code, says } of refused) {
  test(`an upload of ${title} is refused and leaves nothing behind`, async () => {
    const before = storedFiles().length;
    const { status: got, body } = await upload(files, query);
    assert.deepEqual([got, body.code], [status, code], JSON.stringify(body));
    assert.match(body.detail, says);
    assert.doesNotMatch(body.detail, /gradinit-|contents/, 'no path of the server');
    await until(() => storedFiles().length === before);
  });
}

const notUploads: readonly { title: string; type: string; body: string; status: number; code: string }[] = [
  { title: 'JSON', type: 'application/json', body: '{}', status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' },
  { title: 'a bare file', type: 'text/csv', body: 'a,b', status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' },
  {
    title: 'multipart without a boundary',
    type: 'multipart/form-data',
    body: 'x',
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    title: 'multipart that is cut off',
    type: 'multipart/form-data; boundary=b',
    body: '--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\na,b',
    status: 400,
    code: 'REQUEST_MALFORMED',
  },
  {
    title: 'multipart without parts',
    type: 'multipart/form-data; boundary=b',
    body: '--b--\r\n',
    status: 400,
    code: 'INVALID_INPUT',
  },
];
for (const { title, type, body, status, code } of notUploads) {
  test(`${title} is no upload`, async () => {
    const before = storedFiles().length;
    const response = await fetch(`${url}/v1/datasets`, { method: 'POST', headers: { 'content-type': type }, body });
    const problem = (await response.json()) as { code: string };
    assert.deepEqual([response.status, problem.code], [status, code]);
    assert.equal(storedFiles().length, before);
  });
}

test('names with folders are taken by their last part', async () => {
  const { status, body } = await upload({ '../../etc/passwd.csv': csv(11) });
  assert.equal(status, 201);
  assert.equal(body.name, 'passwd.csv');
});

test('an aborted upload leaves no file and the server goes on', async () => {
  const before = storedFiles().length;
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /v1/datasets HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n' +
      '--b\r\ncontent-disposition: form-data; name="file"; filename="x.csv"\r\n\r\na,b,y\n1,2,0\n',
  );
  await until(() => storedFiles().length === before + 1);
  socket.destroy();
  await until(() => storedFiles().length === before);
  assert.equal((await app.inject('/health/live')).statusCode, 200);
});
