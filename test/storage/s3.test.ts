/** The S3 drivers against a strict look-alike, and against servers that lack what published files rely on. ../slow/storage-s3.test.ts has a real server. */
import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { sweepContents } from '../../src/jobs/uploads/sweep.ts';
import { createCacheLimit } from '../../src/storage/cache-limit.ts';
import { putStream } from '../../src/storage/content-store.ts';
import { openStores, verifyStores } from '../../src/storage/index.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';
import { createS3BlobStore } from '../../src/storage/s3.ts';
import { createS3Bucket } from '../../src/storage/s3-bucket.ts';
import { createS3ContentStore } from '../../src/storage/s3-content.ts';
import { startApiProcess } from '../support/api-process.ts';
import { s3LookAlike } from '../support/s3-look-alike.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { contents, folderOf, testBlobStore } from './blob-promises.ts';
import { testContentStore } from './content-promises.ts';

const strict = await s3LookAlike();
const bucket = createS3Bucket(strict.options);
testBlobStore('look-alike', createS3BlobStore(bucket));
testContentStore('look-alike', (folder) =>
  createS3ContentStore(
    createS3Bucket({ ...strict.options, prefix: `${path.basename(folder)}/` }),
    createLocalContentStore({ root: folder }),
    1e9,
  ),
);

const open = async (options: Parameters<typeof s3LookAlike>[0]) => {
  const server = await s3LookAlike(options);
  const stores = await openStores({ stateDir: await temporaryFolder(), s3: server.options });
  return { server, stores };
};
const warnings: string[] = [];
const log = { warn: (_: object, message: string) => void warnings.push(message) };

test('a server that keeps its promises is accepted, and the trial leaves nothing', async () => {
  const { server, stores } = await open({});
  await verifyStores(stores, log);
  await stores.artifacts.check();
  await stores.contents.check();
  assert.deepEqual([...server.objects.keys()], []);
});

for (const [options, says] of [
  [{ condition: 'ignored' }, /ignores the condition If-None-Match .* could be overwritten.*ARTIFACT_STORE=local/],
  [{ condition: 'unimplemented' }, /does not know the condition If-None-Match/],
  [{ removes: false }, /answers that it removed an object and keeps it/],
] as const) {
  test(`a server with ${JSON.stringify(options)} is refused at the start, in words that say what to do`, async () => {
    const { stores } = await open(options);
    await assert.rejects(verifyStores(stores, log), { code: 'STORE_UNSUITABLE', message: says });
  });
}

test('the API does not start on a server that would let published weights be overwritten', async () => {
  const { server } = await open({ condition: 'ignored' });
  const environment = {
    ARTIFACT_STORE: 's3',
    S3_BUCKET: 'bucket',
    S3_ENDPOINT: server.options.endpoint ?? '',
    STATE_DIR: await temporaryFolder(),
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  await assert.rejects(startApiProcess(environment), /ended before it listened/);
});

test('a server that is away keeps nobody from starting; answers name neither its address nor its messages', async () => {
  const s3 = { ...strict.options, endpoint: 'http://127.0.0.1:1' };
  const stores = await openStores({ stateDir: await temporaryFolder(), s3 });
  await verifyStores(stores, log);
  assert.match(warnings.join(), /cannot be used now/);
  await assert.rejects(stores.artifacts.check(), {
    code: 'STORE_UNAVAILABLE',
    permanent: false,
    message: 'bucket bucket cannot be used: its server cannot be reached (ECONNREFUSED)',
  });
});

test('removals need no list of objects', async () => {
  const store = createS3BlobStore(bucket);
  await store.put('removed', await folderOf(contents));
  const before = strict.requests.length;
  await store.remove('removed');
  const methods = strict.requests.slice(before).map((line) => line.split(' ')[0]);
  assert.ok(methods.includes('DELETE') && !methods.includes('POST'), methods.join());
  assert.ok(![...strict.objects.keys()].some((key) => key.includes('removed')));
});

test('the sweep downloads nothing', async () => {
  const { server, stores } = await open({});
  for (const text of ['a', 'b', 'c'])
    await putStream(stores.contents, Readable.from([Buffer.from(text)]), { maxBytes: 9 });
  for (const object of server.objects.values()) object.modifiedAt = new Date(0);
  const before = server.requests.length;
  const holds = { claim: async () => true, release: async () => {} };
  assert.equal(await sweepContents(stores.contents, { digests: async () => new Set() }, holds), 3);
  const downloads = server.requests.slice(before).filter((line) => line.startsWith('GET ') && line !== 'GET ');
  assert.deepEqual(downloads, []);
  assert.equal(server.objects.size, 0);
});

test('a cache keeps to its size: what was used longest ago goes first, what was used lately stays', async () => {
  const root = path.join(await temporaryFolder(), 'cache');
  const cache = createLocalContentStore({ root });
  const limit = createCacheLimit(cache, { maxBytes: 250 });
  const add = async (byte: number, age: number) => {
    const content = await putStream(cache, Readable.from([Buffer.alloc(100, byte)]), { maxBytes: 1000 });
    const at = new Date(Date.now() - age);
    await utimes(content.path, at, at);
    return content;
  };
  const hour = 3_600_000;
  const [oldest, old, recent] = [await add(1, 3 * hour), await add(2, 2 * hour), await add(3, 0)];
  await limit.used(oldest);
  await limit.added(recent);
  const left = async (content: { sha256: string }) => (await cache.locate(content.sha256)) !== null;
  assert.deepEqual([await left(oldest), await left(old), await left(recent)], [true, false, true]);
  for (let byte = 4; byte < 8; byte += 1) await limit.added(await add(byte, 0));
  assert.ok((await readdir(root, { recursive: true })).length > 6, 'what may be read now stays, whatever the size');
});
