import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '..', '..');

function runDoctor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = ['--import', 'tsx', path.join('src', 'cli.ts'), 'doctor', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } });
}

test('on a machine that was set up the doctor prints one JSON document and exits with 0', () => {
  const { status, stdout } = runDoctor(['--json']);
  const report = JSON.parse(stdout);
  assert.equal(status, 0);
  assert.equal(report.ok, true);
  assert.equal(report.tensorflow.version, '2.21.0');
  assert.equal(report.node.version, process.version);
  assert.ok(report.devices.length > 0);
  assert.ok(path.isAbsolute(report.paths.cache));
  assert.deepEqual(
    report.checks.map(({ name }: { name: string }) => name),
    ['node', 'setup', 'tensorflow', 'device', 'valkey'],
  );
});

test('where TensorFlow cannot be loaded the doctor says why, gives a fix and exits with 1', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-doctor-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(path.join(directory, 'libtensorflow_cc.so.2'), 'no library');
  const { status, stdout } = runDoctor([], { LD_LIBRARY_PATH: directory });
  assert.equal(status, 1);
  assert.match(stdout, /failed +tensorflow .*libtensorflow_cc\.so\.2.*\n +fix: /);
  assert.match(stdout, /Jobs cannot run\.\n$/);
});

test('an unknown flag is a usage error', () => {
  const { status, stderr } = runDoctor(['--jsn']);
  assert.equal(status, 2);
  assert.match(stderr, /USAGE: .*--jsn/);
});
