/** TensorFlow's first lines do not reach standard error; everything else does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { nativeModulesDir, projectRoot } from '../../scripts/setup/paths.mjs';
import { unexpectedLines } from '../../src/engine/load-messages.ts';

const module = path.join(nativeModulesDir(projectRoot), 'standard_error.node');

function errorsOf(script: string, env: NodeJS.ProcessEnv = {}): string {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...inherited } = process.env;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return spawnSync(process.execPath, args, { cwd: projectRoot, env: { ...inherited, ...env }, encoding: 'utf8' })
    .stderr;
}

test('loading TensorFlow writes nothing, unless its log level is set', () => {
  const script = `await import('./src/engine/tf.ts')`;
  assert.equal(errorsOf(script), '');
  assert.match(errorsOf(script, { TF_CPP_MIN_LOG_LEVEL: '2' }), /absl::InitializeLog/);
});

test('what else is written to the file descriptor is passed on, also when loading throws, and later writes are direct', () => {
  const script = `
    import { writeSync } from 'node:fs';
    const { withoutLoadMessages } = await import('./src/engine/load-messages.ts');
    const write = (text) => writeSync(2, text);
    const known = 'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n';
    withoutLoadMessages(${JSON.stringify(module)}, () => write(known + 'other\\n'));
    write('between\\n');
    try { withoutLoadMessages(${JSON.stringify(module)}, () => { write('cause\\n'); throw new Error('no'); }); } catch { write('thrown\\n'); }`;
  assert.equal(errorsOf(script), 'other\nbetween\ncause\nthrown\n');
});

test('lines that only resemble the known ones are kept', () => {
  const text = 'I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations are on. More\nE0000 oneDNN failed\nno newline';
  assert.equal(unexpectedLines(text), 'E0000 oneDNN failed\nno newline');
});
