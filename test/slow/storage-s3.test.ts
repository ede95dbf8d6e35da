/** The S3 drivers against a real server over HTTP. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { describeFile } from '../../src/durable-files.ts';
import { putStream } from '../../src/storage/content-store.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';
import { createDownloadCache } from '../../src/storage/remote/download-cache.ts';
import { createS3BlobStore } from '../../src/storage/s3.ts';
import { createS3Bucket } from '../../src/storage/s3-bucket.ts';
import { createS3ContentStore } from '../../src/storage/s3-content.ts';
import { contents, folderOf, testBlobStore } from '../storage/blob-promises.ts';
import { testContentStore } from '../storage/content-promises.ts';
import { remotePolicy } from '../support/remote-policy.ts';
import { prepareS3 } from '../support/s3.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const s3 = await prepareS3();

if (typeof s3 === 'string') test('the S3 drivers keep their promises', (t) => t.skip(s3));
else {
  const bucket = createS3Bucket(s3);
  testBlobStore('s3', createS3BlobStore(bucket));
  testContentStore('s3', (folder) => createS3ContentStore(bucket, createLocalContentStore({ root: folder }), 1e9));

  test('a bucket that is not there is unavailable, for now', async () => {
    const store = createS3BlobStore(createS3Bucket({ ...s3, bucket: 'absent-bucket' }));
    await assert.rejects(store.check(), { code: 'STORE_UNAVAILABLE', permanent: false });
    await assert.rejects(store.put('a', await folderOf(contents)), { code: 'STORE_UNAVAILABLE', permanent: false });
  });

  test('a dataset in a bucket is fetched, and kept by its ETag', async () => {
    assert.ok(await bucket.putNew('train.csv', 'a,label\n1,0\n'));
    const { bucket: name, prefix = '', ...server } = s3;
    const policy = remotePolicy({ buckets: { ...server, allowed: [`${name}/${prefix}`] } });
    const cache = createDownloadCache({ folder: path.join(root, 'downloads'), policy, cacheBytes: 10_000 });
    for (const target of ['first', 'second'].map((file) => path.join(root, file))) {
      await cache.fetch(`s3://${name}/${prefix}train.csv`, target);
      assert.equal(await readFile(target, 'utf8'), 'a,label\n1,0\n');
    }
    const absent = cache.fetch(`s3://${name}/${prefix}absent.csv`, path.join(root, 'absent'));
    await assert.rejects(absent, { code: 'REMOTE_FAILED', permanent: true });
  });

  test('another machine, or one that lost its cache, fetches the bytes', async () => {
    const bytes = randomBytes(3_000_000);
    const cache = createLocalContentStore({ root: path.join(root, 'cache') });
    const store = createS3ContentStore(bucket, cache, 1e9);
    const stored = await putStream(store, Readable.from([bytes]), { maxBytes: bytes.byteLength });
    await rm(path.join(root, 'cache'), { recursive: true });
    assert.deepEqual(await store.locate(stored.sha256), stored);
    assert.ok(bytes.equals(await readFile(stored.path)));
  });

  test('a refused publication leaves no object; what a crash left is invisible and goes when it is old', async () => {
    const store = createS3BlobStore(bucket);
    const folder = await folderOf(contents);
    await assert.rejects(
      store.put('job_refused', folder, async () => false),
      { code: 'ATTEMPT_FENCED' },
    );
    for await (const { name } of bucket.list('files/job_refused/')) assert.fail(name);
    const [orphan, file] = ['files/job_crashed/upload/a', path.join(folder, 'report.json')];
    await bucket.putFile(orphan, file, await describeFile(file, orphan));
    await store.put('job_whole', folder);
    assert.equal(await store.list('job_crashed'), null);
    await store.sweep();
    assert.ok(await bucket.exists(orphan), 'it may be an upload under way');
    await createS3BlobStore(bucket, { abandonedAfterMs: 0 }).sweep();
    assert.ok(!(await bucket.exists(orphan)));
    assert.equal((await store.list('job_whole'))?.length, Object.keys(contents).length);
    await store.open('job_whole', 'tfjs/model.json').then((stream) => stream.destroy());
  });
}
