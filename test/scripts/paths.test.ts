import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { defaultCacheRoot, tensorflowLibDir, valkeyServer } from '../../scripts/setup/paths.mjs';

const rows: { title: string; env: NodeJS.ProcessEnv; expected: string }[] = [
  {
    title: 'GRADINIT_CACHE_DIR wins',
    env: { GRADINIT_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' },
    expected: '/a',
  },
  {
    title: 'a relative GRADINIT_CACHE_DIR is made absolute',
    env: { GRADINIT_CACHE_DIR: 'a' },
    expected: path.resolve('a'),
  },
  {
    title: 'XDG_CACHE_HOME holds a folder of ours',
    env: { XDG_CACHE_HOME: '/b', HOME: '/c' },
    expected: '/b/gradinit-service',
  },
  {
    title: 'a relative XDG_CACHE_HOME is ignored',
    env: { XDG_CACHE_HOME: 'b', HOME: '/c' },
    expected: '/c/.cache/gradinit-service',
  },
  {
    title: 'empty variables count as unset',
    env: { GRADINIT_CACHE_DIR: '', XDG_CACHE_HOME: '', HOME: '/c' },
    expected: '/c/.cache/gradinit-service',
  },
];

for (const { title, env, expected } of rows) {
  test(`the cache: ${title}`, () => assert.equal(defaultCacheRoot(env), expected));
}

test('CPU and GPU libraries never share a folder', () => {
  assert.notEqual(tensorflowLibDir('/cache', 'cpu'), tensorflowLibDir('/cache', 'gpu'));
});

test('valkey-server lies inside the cache under its version', () => {
  assert.match(valkeyServer('/cache'), /^\/cache\/valkey\/9\.[^/]+\/valkey-server$/);
});
