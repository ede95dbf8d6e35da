import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, test } from 'node:test';
import { chooseDevices, holdGpu } from '../../workers/devices.ts';

const gpus = [
  { index: '0', uuid: 'GPU-a' },
  { index: '1', uuid: 'GPU-b' },
];

const rows = [
  { wanted: ['auto'], found: gpus, names: ['gpu:0', 'gpu:1'] },
  { wanted: ['auto'], found: [], names: ['cpu'] },
  { wanted: ['gpu:1'], found: gpus, names: ['gpu:1'] },
  { wanted: ['cpu', 'cpu'], found: gpus, names: ['cpu', 'cpu:1'] },
  { wanted: ['gpu:0', 'cpu'], found: gpus, names: ['gpu:0', 'cpu'] },
];
for (const { wanted, found, names } of rows) {
  test(`DEVICES=${wanted} with ${found.length} GPUs gives ${names}`, () => {
    assert.deepEqual(
      chooseDevices(wanted, found, true).map(({ name }) => name),
      names,
    );
  });
}

const refused = [
  { wanted: ['gpu:2'], allowCpu: true, code: 'BACKEND_UNAVAILABLE', message: /names gpu:2.*lists 0, 1/ },
  { wanted: ['gpu:0', 'gpu:0'], allowCpu: true, code: 'USAGE', message: /gpu:0 twice/ },
  { wanted: ['auto', 'gpu:1'], allowCpu: true, code: 'USAGE', message: /gpu:1 twice/ },
  { wanted: ['tpu'], allowCpu: true, code: 'USAGE', message: /"tpu"/ },
  { wanted: ['cpu'], allowCpu: false, code: 'BACKEND_UNAVAILABLE', message: /ALLOW_CPU is false/ },
];
for (const { wanted, allowCpu, code, message } of refused) {
  test(`DEVICES=${wanted}${allowCpu ? '' : ' without ALLOW_CPU'} is refused`, () => {
    assert.throws(() => chooseDevices(wanted, gpus, allowCpu), { code, message });
  });
}

test('a GPU is held by one process of the machine, until that process dies, however it dies', async () => {
  const uuid = `test-${process.pid}`;
  const module = path.join(import.meta.dirname, '..', '..', 'workers', 'devices.ts');
  const script = `const { holdGpu } = await import(${JSON.stringify(module)}); console.log(await holdGpu(${JSON.stringify(uuid)}) !== null); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => holder.kill('SIGKILL'));
  const [answer] = await once(holder.stdout, 'data');
  assert.equal(String(answer).trim(), 'true');
  assert.equal(await holdGpu(uuid), null);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const release = await holdGpu(uuid);
  assert.ok(release);
  release();
});
