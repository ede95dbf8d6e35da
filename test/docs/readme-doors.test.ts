/** The ways in that README.md shows, each run as it is printed, to weights. Those of Keras and PyTorch are run by npm run test:slow. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { readmeBlock } from '../support/readme.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const out = await temporaryFolder();
const service = await runningService();
const env = { ...process.env, GRADINIT_URL: service.url };
const tensorsOf = async (file: string) => [...(await readSafetensors(file)).tensors.keys()];

test('curl', async () => {
  await run('bash', ['-euc', readmeBlock('curl', 'sh', service.url)], { cwd: out, env });
  assert.ok((await tensorsOf(path.join(out, 'weights.safetensors'))).includes('conv1/kernel'));
});

test('TypeScript', async () => {
  // The package is found by its name from within the project.
  const folder = path.join(projectRoot, 'out', `readme-${process.pid}`);
  after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(folder, { recursive: true });
  const script = path.join(folder, 'door.mts');
  await writeFile(script, readmeBlock('TypeScript', 'ts', service.url).replaceAll('out/digits', folder));
  const { stdout } = await run(process.execPath, ['--import', import.meta.resolve('tsx'), script], { env });
  assert.equal((await fetch(stdout.trim())).status, 200);
  assert.ok((await tensorsOf(path.join(folder, 'weights.safetensors'))).includes('conv1/kernel'));
});

test('the command', async () => {
  const lines = readmeBlock('The command', 'sh', service.url).replaceAll('\\\n', '').trim().split('\n');
  const call = async (line: string) => {
    const command = line.replace('npm run gradinit --', `"${process.execPath}" bin/gradinit.mjs`);
    return (await run('bash', ['-euc', command], { cwd: projectRoot, env })).stdout;
  };
  const [submit = '', list = '', download = ''] = lines;
  const id = /job_[0-9a-z]+/.exec(await call(submit))?.[0] ?? '';
  assert.ok((await call(list)).includes(id));
  const target = path.join(out, 'digits');
  await call(download.replace('JOB', id).replace('out/digits', target));
  assert.ok((await tensorsOf(path.join(target, 'weights.safetensors'))).includes('digits_cnn/conv1/kernel'));
});
