import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  createTemporary,
  describeFiles,
  isTemporary,
  sweepTemporary,
  syncTree,
  temporaryPath,
} from '../src/durable-files.ts';
import { temporaryFolder } from './support/temporary.ts';

const root = await temporaryFolder();

async function folderOf(name: string): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  return folder;
}

/** The temporary name with its process id, start time or place replaced. */
async function named(parent: string, change: { pid?: number; start?: string; place?: string }): Promise<string> {
  const [, prefix, pid, start, place, random] = path.basename(await temporaryPath(parent)).split('.');
  return path.join(
    parent,
    `.${prefix}.${change.pid ?? pid}.${change.start ?? start}.${change.place ?? place}.${random}`,
  );
}

test('what belongs to a living process stays, what belongs to a dead one goes, other files are not touched', async () => {
  const folder = await folderOf('sweep');
  const mine = await createTemporary(folder);
  const child = spawn('true');
  await once(child, 'exit');
  const dead = await named(folder, { pid: child.pid as number });
  const reused = await named(folder, { start: '1' });
  await mkdir(dead);
  await writeFile(path.join(dead, 'half.bin'), 'x');
  await writeFile(reused, 'x');
  await writeFile(path.join(folder, 'precious'), 'x');
  assert.deepEqual((await sweepTemporary(folder)).sort(), [path.basename(dead), path.basename(reused)].sort());
  assert.deepEqual((await readdir(folder)).sort(), [path.basename(mine), 'precious'].sort());
});

test("another machine's leftovers go after a day", async () => {
  const folder = await folderOf('foreign');
  const young = await named(folder, { place: 'ffffffff' });
  const old = await named(folder, { place: 'ffffffff', pid: 1 });
  await writeFile(young, 'x');
  await writeFile(old, 'x');
  const longAgo = Date.now() / 1000 - 25 * 3600;
  await utimes(old, longAgo, longAgo);
  assert.deepEqual(await sweepTemporary(folder), [path.basename(old)]);
  assert.deepEqual(await readdir(folder), [path.basename(young)]);
});

test('a folder that does not exist is swept without complaint', async () => {
  assert.deepEqual(await sweepTemporary(path.join(root, 'absent')), []);
});

test('temporary names are recognised, others are not', async () => {
  assert.ok(isTemporary(path.basename(await temporaryPath(root))));
  for (const name of ['report.json', '.gradinit', 'gradinit-tmp.1']) assert.ok(!isTemporary(name), name);
});

test('files are described in order, with known digests', async () => {
  const folder = await folderOf('described');
  await mkdir(path.join(folder, 'b'));
  await writeFile(path.join(folder, 'b', 'c.txt'), 'abc');
  await writeFile(path.join(folder, 'a.bin'), '');
  await syncTree(folder);
  assert.deepEqual(await describeFiles(folder), [
    { path: 'a.bin', bytes: 0, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    { path: 'b/c.txt', bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  ]);
});
