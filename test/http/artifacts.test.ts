import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseRange } from '../../src/http/send-file.ts';
import { smallJob, testApi } from '../support/api.ts';
import { temporaryFolder } from '../support/temporary.ts';

const { app, queue, stores } = await testApi();

const weights = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const sha256 = createHash('sha256').update(weights).digest('hex');

const newJob = async (): Promise<string> =>
  (await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).json().id;

async function publishedJob(): Promise<string> {
  const id = await newJob();
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'tfjs'));
  await writeFile(path.join(folder, 'weights.safetensors'), weights);
  await writeFile(path.join(folder, 'report.json'), '{}');
  await writeFile(path.join(folder, 'tfjs', 'model.json'), '{"format":"layers-model"}');
  await writeFile(path.join(folder, 'tfjs', 'group1-shard1of1.bin'), weights);
  await stores.artifacts.put(id, folder);
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'succeeded');
  return id;
}

const id = await publishedJob();
const file = `/v1/jobs/${id}/artifacts/weights.safetensors`;

test('the files of a job are listed with format, size, digest and address', async () => {
  const { artifacts } = (await app.inject(`/v1/jobs/${id}/artifacts`)).json();
  const rows = artifacts.map(({ name, format, bytes, mediaType }: Record<string, unknown>) => [
    name,
    format,
    bytes,
    mediaType,
  ]);
  assert.deepEqual(rows, [
    ['report.json', 'report', 2, 'application/json'],
    ['tfjs/group1-shard1of1.bin', 'tfjs-layers', 1000, 'application/octet-stream'],
    ['tfjs/model.json', 'tfjs-layers', 25, 'application/json'],
    ['weights.safetensors', 'safetensors', 1000, 'application/octet-stream'],
  ]);
  assert.equal(artifacts[3].sha256, sha256);
  for (const { url, bytes } of artifacts) {
    const response = await app.inject(new URL(url).pathname);
    assert.deepEqual([response.statusCode, response.rawPayload.length], [200, bytes]);
  }
});

test('content comes with its digest as ETag and Repr-Digest, and is never run by a browser', async () => {
  const { statusCode, headers, rawPayload } = await app.inject(file);
  assert.equal(statusCode, 200);
  assert.deepEqual(rawPayload, weights);
  assert.equal(headers.etag, `"${sha256}"`);
  assert.equal(headers['repr-digest'], `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  assert.equal(headers['content-length'], '1000');
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.match(String(headers['content-security-policy']), /^sandbox/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

const ranges: readonly {
  range: string;
  status: number;
  expected: readonly [number, number] | null;
  ifRange?: string;
}[] = [
  { range: 'bytes=0-9', status: 206, expected: [0, 9] },
  { range: 'bytes=990-', status: 206, expected: [990, 999] },
  { range: 'bytes=-10', status: 206, expected: [990, 999] },
  { range: 'bytes=-5000', status: 206, expected: [0, 999] },
  { range: 'bytes=999-5000', status: 206, expected: [999, 999] },
  { range: 'bytes=0-9', ifRange: `"${sha256}"`, status: 206, expected: [0, 9] },
  { range: 'bytes=0-9', ifRange: '"other"', status: 200, expected: [0, 999] },
  { range: 'bytes=9-0', status: 200, expected: [0, 999] },
  { range: 'bytes=0-1,5-6', status: 200, expected: [0, 999] },
  { range: 'lines=1-2', status: 200, expected: [0, 999] },
  { range: 'bytes=1000-', status: 416, expected: null },
  { range: 'bytes=-0', status: 416, expected: null },
];
for (const { range, ifRange, status, expected } of ranges) {
  test(`Range: ${range}${ifRange === undefined ? '' : ` if ${ifRange.slice(0, 8)}`} is answered with ${status}`, async () => {
    const response = await app.inject({
      url: file,
      headers: { range, ...(ifRange === undefined ? {} : { 'if-range': ifRange }) },
    });
    assert.equal(response.statusCode, status);
    if (expected === null) {
      assert.equal(response.headers['content-range'], 'bytes */1000');
      assert.equal(response.json().code, 'RANGE_INVALID');
      return;
    }
    const [start, end] = expected;
    assert.deepEqual(response.rawPayload, weights.subarray(start, end + 1));
    assert.equal(response.headers['content-range'], status === 206 ? `bytes ${start}-${end}/1000` : undefined);
    assert.equal(response.headers['content-length'], String(end - start + 1));
  });
}

test('a range of an empty file lies outside of it', () => {
  assert.throws(() => parseRange('bytes=0-', 0), { code: 'RANGE_INVALID' });
  assert.equal(parseRange(undefined, 0), null);
});

test('a client that has the bytes gets none', async () => {
  for (const tag of [`"${sha256}"`, `W/"${sha256}"`, `"x", "${sha256}"`, '*']) {
    const response = await app.inject({ url: file, headers: { 'if-none-match': tag } });
    assert.deepEqual([response.statusCode, response.body, response.headers.etag], [304, '', `"${sha256}"`], tag);
  }
  assert.equal((await app.inject({ url: file, headers: { 'if-none-match': '"x"' } })).statusCode, 200);
});

test('HEAD answers with the headers alone', async () => {
  const { statusCode, headers, body } = await app.inject({ method: 'HEAD', url: file });
  assert.deepEqual([statusCode, headers['content-length'], headers.etag, body], [200, '1000', `"${sha256}"`, '']);
});

test('the weights come in the format that is asked for', async () => {
  const plain = await app.inject(`/v1/jobs/${id}/weights`);
  assert.deepEqual([plain.statusCode, plain.rawPayload.equals(weights)], [200, true]);
  assert.match(String(plain.headers['content-disposition']), new RegExp(`filename="${id}-weights\\.safetensors"`));
  const tfjs = await app.inject(`/v1/jobs/${id}/weights?format=tfjs-layers`);
  assert.equal(tfjs.statusCode, 303);
  assert.equal(new URL(String(tfjs.headers.location)).pathname, `/v1/jobs/${id}/artifacts/tfjs/model.json`);
  const absent = await app.inject(`/v1/jobs/${id}/weights?format=npz`);
  assert.deepEqual([absent.statusCode, absent.json().code], [404, 'ARTIFACT_NOT_FOUND']);
  assert.match(absent.json().detail, /weights\.safetensors/);
});

test('names lead to published files and nowhere else', async () => {
  for (const name of [
    '../blob.json',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/blob.json',
    'tfjs',
    'tfjs/',
    'x',
    '%00',
    'files/report.json',
  ]) {
    const response = await app.inject(`/v1/jobs/${id}/artifacts/${name}`);
    assert.equal(response.statusCode, 404, name);
  }
});

test('a job that has published nothing has an empty list', async () => {
  const queued = await newJob();
  assert.deepEqual((await app.inject(`/v1/jobs/${queued}/artifacts`)).json(), { artifacts: [] });
  const response = await app.inject(`/v1/jobs/${queued}/weights`);
  assert.match(response.json().detail, /queued/);
});

test('a deleted job takes its files with it', async () => {
  const gone = await publishedJob();
  await app.inject({ method: 'DELETE', url: `/v1/jobs/${gone}` });
  assert.equal(await stores.artifacts.list(gone), null);
});
