/** The promises of BlobStore, for every driver: ./local.test.ts and ../slow/storage-s3.test.ts hold theirs to them. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { BlobStore } from '../../src/storage/blob-store.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();

export const contents: Record<string, Buffer> = {
  'report.json': Buffer.from('{"a":1}\n'),
  'tfjs/model.json': Buffer.from('{}'),
  'tfjs/group1-shard1of1.bin': randomBytes(3_000_000),
  empty: Buffer.alloc(0),
  'a name with spaces, ünïcode & %2e': Buffer.from('x'),
};

/** A new folder with these files. */
export async function folderOf(files: Record<string, Buffer>): Promise<string> {
  const folder = path.join(root, randomBytes(6).toString('hex'));
  await mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  return folder;
}

const key = () => `job_${randomBytes(6).toString('hex')}`;
const text = async (stream: Readable) => (await buffer(stream)).toString();
const collect = async (keys: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const one of keys) all.push(one);
  return all;
};

const promises: Record<string, (store: BlobStore) => Promise<void>> = {
  'what is put is listed with its size, digest and time, and comes back byte for byte': async (store) => {
    const id = key();
    const before = Date.now();
    const files = await store.put(id, await folderOf(contents));
    assert.deepEqual(
      files.map(({ name }) => name),
      Object.keys(contents).sort(),
    );
    assert.deepEqual(await store.list(id), files);
    for (const file of files) {
      const bytes = contents[file.name] as Buffer;
      assert.equal(file.bytes, bytes.byteLength);
      assert.equal(file.sha256, createHash('sha256').update(bytes).digest('hex'));
      assert.ok(file.modifiedAt.getTime() >= before && file.modifiedAt.getTime() <= Date.now());
      assert.deepEqual(await store.stat(id, file.name), file);
      assert.ok(bytes.equals(await buffer(await store.open(id, file.name))), file.name);
    }
    assert.ok((await collect(store.keys())).includes(id));
  },

  'a range gives exactly its bytes; one outside the file is refused': async (store) => {
    const id = key();
    await store.put(id, await folderOf({ letters: Buffer.from('abcdefgh'), empty: Buffer.alloc(0) }));
    assert.equal(await text(await store.open(id, 'letters', { start: 2, end: 4 })), 'cde');
    assert.equal(await text(await store.open(id, 'letters', { start: 7, end: 7 })), 'h');
    assert.equal(await text(await store.open(id, 'letters', { start: 0, end: 7 })), 'abcdefgh');
    for (const [start, end] of [
      [0, 8],
      [8, 8],
      [4, 2],
      [-1, 3],
      [0.5, 3],
      [0, Number.NaN],
    ] as const) {
      await assert.rejects(store.open(id, 'letters', { start, end }), { code: 'INVALID_INPUT' }, `${start}-${end}`);
    }
    await assert.rejects(store.open(id, 'empty', { start: 0, end: 0 }), { code: 'INVALID_INPUT' });
  },

  'what is not there is null, or ARTIFACT_NOT_FOUND when it is opened': async (store) => {
    const id = key();
    assert.equal(await store.list(id), null);
    assert.equal(await store.stat(id, 'report.json'), null);
    await assert.rejects(store.open(id, 'report.json'), { code: 'ARTIFACT_NOT_FOUND' });
    await store.put(id, await folderOf(contents));
    assert.equal(await store.stat(id, 'absent'), null);
    for (const name of [
      'absent',
      '',
      '.',
      '..',
      '../blob.json',
      'tfjs',
      'tfjs/',
      'tfjs//model.json',
      '/etc/passwd',
      'tfjs/../report.json',
      'a\0',
      '__proto__',
      'constructor',
    ]) {
      await assert.rejects(store.open(id, name), { code: 'ARTIFACT_NOT_FOUND' }, JSON.stringify(name));
    }
  },

  'keys that are no ids are refused everywhere': async (store) => {
    const folder = await folderOf({ a: Buffer.from('a') });
    for (const bad of ['', '.', '..', '../x', 'a/b', '/etc', 'a\0', '.hidden', 'a b', 'a'.repeat(129), '-x']) {
      const calls = [
        store.put(bad, folder),
        store.list(bad),
        store.stat(bad, 'a'),
        store.open(bad, 'a'),
        store.remove(bad),
      ];
      for (const call of calls) await assert.rejects(call, { code: 'INVALID_INPUT' }, JSON.stringify(bad));
    }
  },

  'a key is taken once: a second publication is refused and changes nothing': async (store) => {
    const id = key();
    await store.put(id, await folderOf({ a: Buffer.from('first') }));
    await assert.rejects(store.put(id, await folderOf({ a: Buffer.from('second'), b: Buffer.from('b') })), {
      code: 'ARTIFACT_EXISTS',
    });
    assert.equal(await text(await store.open(id, 'a')), 'first');
    assert.equal((await store.list(id))?.length, 1);
  },

  'of many publications at once exactly one succeeds, whole': async (store) => {
    const id = key();
    const folders = await Promise.all(
      Array.from('12345', (digit) => folderOf({ a: Buffer.from(digit), b: Buffer.from(digit) })),
    );
    const results = await Promise.allSettled(folders.map((folder) => store.put(id, folder)));
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    assert.deepEqual(
      codes,
      Array.from('1234', () => 'ARTIFACT_EXISTS'),
    );
    assert.equal(await text(await store.open(id, 'a')), await text(await store.open(id, 'b')));
  },

  'an attempt that was overtaken while it wrote publishes nothing': async (store) => {
    const id = key();
    let visible: unknown;
    const late = store.put(id, await folderOf({ a: Buffer.from('late') }), async () => {
      visible = await store.list(id);
      await store.put(id, await folderOf({ a: Buffer.from('current') }), async () => true);
      return false;
    });
    await assert.rejects(late, { code: 'ATTEMPT_FENCED' });
    assert.equal(visible, null, 'nothing is visible before the question is answered');
    assert.equal(await text(await store.open(id, 'a')), 'current');
    await assert.rejects(
      store.put(key(), await folderOf(contents), () => Promise.reject(new Error('Redis is away'))),
      { message: 'Redis is away' },
    );
  },

  'removal takes everything, may be repeated, and frees the key': async (store) => {
    const id = key();
    await store.put(id, await folderOf(contents));
    const download = await store.open(id, 'tfjs/group1-shard1of1.bin');
    await store.remove(id);
    await store.remove(id);
    assert.equal(await store.list(id), null);
    assert.ok(!(await collect(store.keys())).includes(id));
    await buffer(download).catch(() => {});
    await store.put(id, await folderOf({ a: Buffer.from('again') }));
    assert.equal((await store.list(id))?.length, 1);
  },

  'the source folder stays as it was, and a sweep touches nothing that is published': async (store) => {
    const id = key();
    const folder = await folderOf(contents);
    await store.put(id, folder);
    await store.sweep();
    for (const [name, bytes] of Object.entries(contents))
      assert.ok(bytes.equals(await readFile(path.join(folder, name))));
    assert.equal((await store.list(id))?.length, Object.keys(contents).length);
  },

  'a usable store passes its check': (store) => store.check(),
};

/** Declares one test for each promise. */
export function testBlobStore(driver: string, store: BlobStore): void {
  for (const [promise, hold] of Object.entries(promises)) test(`${driver}: ${promise}`, () => hold(store));
}
