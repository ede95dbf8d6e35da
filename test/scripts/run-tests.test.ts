import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';

/** Counts one test file as `npm test` does, in a process of its own: the runner cannot run inside itself. */
async function countFile(t: TestContext, source: string): Promise<unknown> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-count-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'x.test.mts');
  await writeFile(file, source);
  const module = JSON.stringify(path.join(projectRoot, 'scripts', 'test', 'run-tests.mjs'));
  const script = `const { runTests } = await import(${module});
    console.error(JSON.stringify(await runTests({ slow: false, files: [${JSON.stringify(file)}] })));`;
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
}

test('passed, failed and skipped tests are counted, suites are not', async (t) => {
  const counts = await countFile(
    t,
    `import { describe, test } from 'node:test';
     describe('suite', () => { test('a', () => {}); test('b', () => { throw new Error('x'); }); test('c', { skip: 'why' }, () => {}); });
     test('d', () => {}); test('e', { todo: true }, () => {});`,
  );
  assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 2 });
});

test('a file that cannot be loaded is a failure', async (t) => {
  assert.deepEqual(await countFile(t, "throw new Error('broken');"), { passed: 0, failed: 1, skipped: 0 });
});
