/** Datasets in buckets: read from the places that the operator names only, kept by their ETag, refused in words that help. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createDownloadCache } from '../../../src/storage/remote/download-cache.ts';
import { refuses, temporaryFolder } from '../../support/data-files.ts';
import { remotePolicy } from '../../support/remote-policy.ts';
import { s3LookAlike } from '../../support/s3-look-alike.ts';

const temporary = temporaryFolder();
const server = await s3LookAlike();
const put = (key: string, text: string) =>
  server.objects.set(key, { bytes: Buffer.from(text), modifiedAt: new Date() });
const { endpoint = '', forcePathStyle } = server.options;
const policyOf = (allowed: readonly string[], place = endpoint) =>
  remotePolicy({ buckets: { allowed, endpoint: place, forcePathStyle } });

let targets = 0;
async function fetch(url: string, allowed: readonly string[], place = endpoint) {
  const cache = createDownloadCache({
    folder: path.join(temporary.path, 'cache'),
    policy: policyOf(allowed, place),
    cacheBytes: 10_000,
  });
  const target = path.join(temporary.path, `target-${targets++}`);
  const { fileName, bytes } = await cache.fetch(url, target);
  const text = readFileSync(target, 'utf8');
  assert.equal(bytes, text.length);
  return { fileName, text };
}

test('an object of a place that is named is read, and again only when it has changed', async () => {
  put('sets/train.csv', 'a,b\n');
  const url = 's3://data/sets/train.csv';
  for (const allowed of [['data'], ['data/sets'], ['other', 'data/sets/']])
    assert.deepEqual(await fetch(url, allowed), { fileName: 'train.csv', text: 'a,b\n' });
  put('sets/train.csv', 'changed\n');
  assert.equal((await fetch(url, ['data'])).text, 'changed\n');
});

for (const [title, url, allowed, message] of [
  ['where nothing is named', 's3://data/sets/train.csv', [], /off here; .*DATASET_S3.* or upload the file/],
  ['in another bucket', 's3://data2/sets/train.csv', ['data'], /not among the places that DATASET_S3 allows/],
  ['beside the prefix', 's3://data/sets2/train.csv', ['data/sets'], /not among the places/],
  ['out of the prefix', 's3://data/sets/../secret/train.csv', ['data/sets'], /no s3:\/\/BUCKET\/KEY of one object/],
  ['of a whole prefix', 's3://data/sets/', ['data'], /several are a list/],
  ['without a key', 's3://data', ['data'], /no s3:\/\/BUCKET\/KEY/],
  ['with credentials', 's3://id:secret@data/sets/train.csv', ['data'], /no s3:\/\/BUCKET\/KEY/],
] as const) {
  test(`objects ${title} are refused, and nothing is asked for`, async () => {
    const before = server.requests.length;
    await refuses(() => fetch(url, allowed), 'REMOTE_REFUSED', message);
    assert.equal(server.requests.length, before);
  });
}

test('what is not there, too large, or a server that is away, is said without the place of the server', async () => {
  await refuses(() => fetch('s3://data/none.csv', ['data']), 'REMOTE_FAILED', /there is no such object/);
  put('large.csv', 'x'.repeat(20_000));
  await refuses(() => fetch('s3://data/large.csv', ['data']), 'DATASET_TOO_LARGE', /more than the 10000 bytes allowed/);
  const away = 'http://127.0.0.1:1';
  await refuses(
    () => fetch('s3://data/a.csv', ['data'], away),
    'REMOTE_FAILED',
    /^(?!.*127\.0\.0\.1).*cannot be reached/,
  );
});
