import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isPlainName } from '../../src/storage/blob-store.ts';
import { createLocalBlobStore } from '../../src/storage/local.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { contents, folderOf, testBlobStore } from './blob-promises.ts';
import { testContentStore } from './content-promises.ts';

const root = await temporaryFolder();

testBlobStore('local', createLocalBlobStore({ root: path.join(root, 'store') }));
testContentStore('local', (folder) => createLocalContentStore({ root: folder }));

test('a failed or refused publication leaves no file, a link is not published', async () => {
  const own = path.join(root, 'own');
  const store = createLocalBlobStore({ root: own });
  await assert.rejects(
    store.put('a', await folderOf(contents), async () => false),
    { code: 'ATTEMPT_FENCED' },
  );
  const linked = await folderOf({});
  await symlink('/etc/passwd', path.join(linked, 'secret'));
  await assert.rejects(store.put('a', linked), { code: 'INVALID_INPUT' });
  await assert.rejects(store.put('a', await folderOf({ 'back\\slash': Buffer.from('x') })), { code: 'INVALID_INPUT' });
  assert.deepEqual(await readdir(own), []);
});

test('a folder that cannot be made is unavailable, for now', async () => {
  const file = path.join(root, 'file');
  await writeFile(file, '');
  const store = createLocalBlobStore({ root: path.join(file, 'store') });
  await assert.rejects(store.check(), { code: 'STORE_UNAVAILABLE', permanent: false });
  await assert.rejects(store.put('a', await folderOf(contents)), { code: 'STORE_UNAVAILABLE', permanent: false });
});

test('a process killed in mid-publication and mid-upload leaves nothing visible, and debris only until the sweep', async () => {
  const [blobs, uploads] = [path.join(root, 'killed-blobs'), path.join(root, 'killed-uploads')];
  const writer = fileURLToPath(new URL('writer.ts', import.meta.url));
  const args = ['--import', 'tsx', writer, blobs, uploads, await folderOf(contents)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [store, contentStore] = [createLocalBlobStore({ root: blobs }), createLocalContentStore({ root: uploads })];
  assert.equal(await store.list('job'), null);
  for await (const key of store.keys()) assert.fail(key);
  for await (const { sha256 } of contentStore.entries()) assert.fail(sha256);
  for (const folder of [blobs, uploads]) assert.equal((await readdir(folder)).length, 1, folder);
  await Promise.all([store.sweep(), contentStore.sweep()]);
  for (const folder of [blobs, uploads]) assert.deepEqual(await readdir(folder), []);
});

test('names of plain parts pass, all that could leave the folder do not', () => {
  for (const name of ['a', 'a/b.c', 'ü n', '...', 'a/..b']) assert.ok(isPlainName(name), name);
  for (const name of [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/..',
    '../a',
    './a',
    'a\0b',
    'a\\b',
    'a'.repeat(1025),
  ]) {
    assert.ok(!isPlainName(name), name);
  }
});
