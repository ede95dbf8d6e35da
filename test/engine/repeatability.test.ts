/** The same specification and seed give the same bytes, in processes that know nothing of each other. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/data-files.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();

const options = { iterations: 8, batchSize: 32, learningRate: 0.03, gamma: 1, normalizeGradient: true };
const zoo = { depth: 8, width: 4, inputShape: [8, 8, 1] };

/** Runs `gradinit init` and gives the sha256 of the weights that it wrote. */
async function weightsOf(name: string, seed: number, ...flags: string[]): Promise<string> {
  const out = path.join(folder.path, name);
  const args = [
    'init',
    '--zoo',
    'resnet',
    '--zoo-options',
    JSON.stringify(zoo),
    '--dataset',
    'builtin:digits',
    '--method',
    'gradinit',
  ];
  const more = [
    '--options',
    JSON.stringify(options),
    '--seed',
    String(seed),
    '--format',
    'safetensors',
    '--out',
    out,
    ...flags,
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', ...args, ...more], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, errors);
  return createHash('sha256')
    .update(readFileSync(path.join(out, 'weights.safetensors')))
    .digest('hex');
}

test('two processes give the same bytes for one seed and others for another', async () => {
  const [first, second, other] = await Promise.all([
    weightsOf('first', 5),
    weightsOf('second', 5),
    weightsOf('other', 6),
  ]);
  assert.equal(second, first);
  assert.notEqual(other, first);
});

test('eager execution repeats itself as well', async () => {
  const [first, second] = await Promise.all([weightsOf('eager1', 5, '--eager'), weightsOf('eager2', 5, '--eager')]);
  assert.equal(second, first);
});
