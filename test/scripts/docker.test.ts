/** What the images leave out, and their health check. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { engineOnly } from '../../scripts/docker/image.mjs';
import { packagesOnlyFor } from '../../scripts/docker/prune.mjs';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { listFiles, loadedBy, readImports } from '../import-graph.ts';
import { httpServer } from '../support/http-server.ts';

const lock = JSON.parse(readFileSync(path.join(projectRoot, 'package-lock.json'), 'utf8'));

const rows: {
  title: string;
  packages: Record<string, { dependencies?: Record<string, string> }>;
  dropped: string[];
  expected: string[];
}[] = [
  {
    title: 'what both need stays',
    packages: {
      '': { dependencies: { a: '1', b: '1' } },
      'node_modules/a': { dependencies: { c: '1' } },
      'node_modules/b': { dependencies: { c: '1', d: '1' } },
      'node_modules/c': {},
      'node_modules/d': {},
    },
    dropped: ['b'],
    expected: ['node_modules/b', 'node_modules/d'],
  },
  {
    title: 'the nearest node_modules counts, cycles end',
    packages: {
      '': { dependencies: { a: '1', b: '1' } },
      'node_modules/a': { dependencies: { b: '1' } },
      'node_modules/a/node_modules/b': { dependencies: { a: '1' } },
      'node_modules/b': {},
    },
    dropped: ['b'],
    expected: ['node_modules/b'],
  },
];
for (const { title, packages, dropped, expected } of rows) {
  test(`packages only for what is dropped: ${title}`, () => {
    assert.deepEqual(packagesOnlyFor(packages, dropped), expected);
  });
}

test('the API image leaves out TensorFlow.js and nothing that the API loads', (t) => {
  if (!existsSync(path.join(projectRoot, 'src/api/server.ts'))) return t.skip('src/api/server.ts is not written yet');
  const unused = packagesOnlyFor(lock.packages, engineOnly);
  assert.ok(unused.includes('node_modules/@tensorflow/tfjs'));
  const imports = readImports(projectRoot, listFiles(projectRoot, ['src'], ['.ts']));
  const files = loadedBy('src/api/server.ts', imports);
  const needed = imports
    .filter(({ from, typeOnly, dynamic }) => files.has(from) && !typeOnly && !dynamic)
    .map(({ to }) => `node_modules/${to}`);
  assert.deepEqual(
    needed.filter((place) => unused.includes(place)),
    [],
  );
});

for (const [status, code] of [
  [200, 0],
  [503, 1],
] as const) {
  test(`the health check of a container ends with ${code} when the answer is ${status}`, async () => {
    const host = await httpServer((_, response) => response.writeHead(status).end());
    assert.equal(await healthCheck({ WORKER_PORT: new URL(`http://${host}`).port }), code);
  });
}

test('the health check of a container ends with 1 when nothing listens', async () => {
  assert.equal(await healthCheck({ WORKER_PORT: '1' }), 1);
});

function healthCheck(env: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const args = [path.join(projectRoot, 'scripts/docker/health.mjs'), 'WORKER_PORT', '8081', '/health/live'];
    const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, () =>
      resolve(child.exitCode ?? -1),
    );
  });
}
