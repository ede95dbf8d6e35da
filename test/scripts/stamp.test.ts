import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { stampFile } from '../../scripts/setup/paths.mjs';
import { readStamp, wantedSetup, writeStamp } from '../../scripts/setup/stamp.mjs';

const stamp = {
  version: 2 as const,
  cacheRoot: '/earlier',
  tensorflow: { variant: 'gpu' as const, version: '2.21.0', libDir: '/earlier/lib' },
  modules: { 'tfjs_binding.node': { file: '/binding', sha256: 'abc' } },
  valkeyServer: '/earlier/valkey-server',
};

test('without a set-up and without variables the CPU libraries go to the default cache', () => {
  assert.deepEqual(wantedSetup({ HOME: '/home/a' }, null), {
    variant: 'cpu',
    cacheRoot: '/home/a/.cache/gradinit-service',
  });
});

test('what was installed before stays while the environment is silent', () => {
  assert.deepEqual(wantedSetup({ HOME: '/home/a' }, stamp), { variant: 'gpu', cacheRoot: '/earlier' });
});

test('the environment wins over what was installed before', () => {
  assert.deepEqual(wantedSetup({ TENSORFLOW_VARIANT: 'cpu', GRADINIT_CACHE_DIR: '/new' }, stamp), {
    variant: 'cpu',
    cacheRoot: '/new',
  });
});

test('an unknown variant is refused by name with the known ones', () => {
  assert.throws(
    () => wantedSetup({ TENSORFLOW_VARIANT: 'tpu' }, null),
    /TENSORFLOW_VARIANT=tpu is not known: expected cpu or gpu/,
  );
});

test('a stamp is read back as written, and nothing temporary stays beside it', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'gradinit-stamp-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, 'node_modules'));
  assert.equal(await readStamp(root), null);
  await writeStamp(root, stamp);
  assert.deepEqual(await readStamp(root), stamp);
  assert.deepEqual(await readdir(path.join(root, 'node_modules')), [path.basename(stampFile(root))]);
});

test('a damaged stamp counts as none', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'gradinit-stamp-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, 'node_modules'));
  await writeFile(stampFile(root), '{"version": 1, "cach');
  assert.equal(await readStamp(root), null);
});
