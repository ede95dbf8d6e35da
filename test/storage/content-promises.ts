/** The promises of ContentStore, for every driver: ./local.test.ts and ../slow/storage-s3.test.ts hold theirs to them. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { listFiles } from '../../src/durable-files.ts';
import { type ContentStore, putStream } from '../../src/storage/content-store.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const limit = { maxBytes: 10_000_000 };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A store, and the folder in which its files (or its cache) lie. */
interface Case {
  readonly store: ContentStore;
  readonly folder: string;
}

const promises: Record<string, (it: Case) => Promise<void>> = {
  'a stream is stored under its digest and found again': async ({ store }) => {
    const bytes = randomBytes(2_000_000);
    const stored = await putStream(store, Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]), limit);
    assert.deepEqual([stored.sha256, stored.bytes], [sha256(bytes), bytes.byteLength]);
    assert.ok(bytes.equals(await readFile(stored.path)));
    assert.deepEqual(await store.locate(stored.sha256), stored);
    const keys: string[] = [];
    for await (const { sha256: key } of store.entries()) keys.push(key);
    assert.ok(keys.includes(stored.sha256));
  },

  'equal uploads, also at the same time, are stored once': async ({ store, folder }) => {
    const bytes = randomBytes(100_000);
    const uploads = Array.from({ length: 4 }, () => putStream(store, Readable.from([bytes]), limit));
    const paths = new Set((await Promise.all(uploads)).map((stored) => stored.path));
    await putStream(store, Readable.from([bytes]), limit);
    assert.equal(paths.size, 1);
    assert.deepEqual((await listFiles(folder)).length, 1);
  },

  'what was received is nothing of the store until it is kept, and gone when it is discarded': async ({
    store,
    folder,
  }) => {
    const bytes = randomBytes(1000);
    const dropped = await store.receive(Readable.from([bytes]), limit);
    assert.ok(bytes.equals(await readFile(dropped.path)));
    assert.equal(await store.locate(dropped.sha256), null);
    await dropped.discard();
    assert.deepEqual(await listFiles(folder), []);
    const [kept, other] = [
      await store.receive(Readable.from([bytes]), limit),
      await store.receive(Readable.from([bytes]), limit),
    ];
    assert.deepEqual(await kept.keep(), await store.locate(kept.sha256));
    await kept.discard();
    await other.discard();
    assert.ok(await store.locate(kept.sha256), 'to discard equal bytes that were not kept changes nothing');
  },

  'an empty stream is a content like others': async ({ store }) => {
    assert.equal((await putStream(store, Readable.from([]), limit)).bytes, 0);
  },

  'one byte too many is refused, the limit itself is not; nothing is left': async ({ store, folder }) => {
    const bytes = randomBytes(1000);
    const source = Readable.from([bytes.subarray(0, 500), bytes.subarray(500)]);
    await assert.rejects(putStream(store, source, { maxBytes: 999 }), { code: 'UPLOAD_TOO_LARGE', message: /999/ });
    assert.ok(source.destroyed);
    assert.deepEqual(await listFiles(folder), []);
    await putStream(store, Readable.from([bytes]), { maxBytes: 1000 });
  },

  'an upload that breaks off leaves nothing': async ({ store, folder }) => {
    const source = new PassThrough();
    source.write(randomBytes(100_000));
    const upload = putStream(store, source, limit);
    source.destroy(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    await assert.rejects(upload, { message: 'socket hang up' });
    assert.deepEqual(await listFiles(folder), []);
  },

  'a cancelled upload leaves nothing': async ({ store, folder }) => {
    const controller = new AbortController();
    const source = new PassThrough();
    source.write(randomBytes(100_000));
    const upload = putStream(store, source, { ...limit, signal: controller.signal });
    controller.abort();
    await assert.rejects(upload, { code: 'CANCELLED' });
    assert.ok(source.destroyed);
    assert.deepEqual(await listFiles(folder), []);
  },

  'what is removed is gone; what was never there is null; no digest is refused': async ({ store }) => {
    const { sha256: digest } = await putStream(store, Readable.from([randomBytes(10)]), limit);
    await store.remove(digest);
    await store.remove(digest);
    assert.equal(await store.locate(digest), null);
    for (const bad of ['', '..', digest.toUpperCase(), `${digest}0`, `../${digest.slice(3)}`]) {
      await assert.rejects(store.locate(bad), { code: 'INVALID_INPUT' });
      await assert.rejects(store.remove(bad), { code: 'INVALID_INPUT' });
    }
  },

  'a usable store passes its check and survives a sweep': async ({ store }) => {
    const stored = await putStream(store, Readable.from([randomBytes(10)]), limit);
    await store.check();
    await store.sweep();
    assert.deepEqual(await store.locate(stored.sha256), stored);
  },
};

/** Declares one test for each promise, each with a folder of its own. */
export function testContentStore(driver: string, open: (folder: string) => ContentStore): void {
  for (const [index, [promise, hold]] of Object.entries(promises).entries()) {
    test(`${driver}: ${promise}`, async () => {
      const folder = path.join(root, String(index));
      const store = open(folder);
      await store.check();
      await hold({ store, folder });
    });
  }
}
