import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';

async function start(
  t: TestContext,
  source: string,
  args: readonly string[] = [],
): Promise<ChildProcess & { stdout: NodeJS.ReadableStream }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-run-'));
  t.after(() => rm(directory, { recursive: true }));
  const entry = path.join(directory, 'entry.mts');
  await writeFile(entry, source);
  const child = spawn(process.execPath, [path.join(projectRoot, 'scripts', 'run.mjs'), entry, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  return child;
}

async function finish(child: ChildProcess & { stdout: NodeJS.ReadableStream }) {
  let stdout = '';
  child.stdout.on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout };
}

test('an entry gets its arguments, and its output and exit code are the only ones', async (t) => {
  const child = await start(
    t,
    'const text: string = process.argv.slice(2).join(); console.log(text); process.exitCode = 7;',
    ['--a', 'b c'],
  );
  assert.deepEqual(await finish(child), { code: 7, stdout: '--a,b c\n' });
});

test('a signal reaches the entry, which ends in its own way', async (t) => {
  const child = await start(
    t,
    "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up');",
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.equal((await finish(child)).code, 9);
});

test('an entry that dies of a signal gives the exit code that shells give', async (t) => {
  const child = await start(t, "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);");
  assert.equal((await finish(child)).code, 128 + 9);
});
