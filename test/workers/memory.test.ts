/** Runs that take more memory than they may, and what killed processes leave in the folder for temporary files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { sweepTemporary, temporaryPath } from '../../src/durable-files.ts';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const mebi = 2 ** 20;
const folder = await temporaryFolder();
/** A name that a process of this machine would give, had it existed. */
const leftover = async () => {
  const [, prefix, , , place] = path.basename(await temporaryPath(folder)).split('.');
  return path.join(folder, `.${prefix}.${process.pid}.1.${place}.${Math.random().toString(36).slice(2)}`);
};

/** The transposed convolution makes 8000 x 8000 x 2 numbers of each picture: 4 GB for a batch. */
const layer = (class_name: string, name: string, config: object) => ({ class_name, config: { name, ...config } });
const wide = {
  ...digitsJob(2, { batchSize: 8 }),
  model: {
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'wide',
        layers: [
          // Eight samples of 5600 x 5600 numbers take 1 GB, and next to no time.
          layer('UpSampling2D', 'wide', { batch_input_shape: [null, 8, 8, 1], size: [700, 700] }),
          layer('GlobalAveragePooling2D', 'mean', {}),
          layer('Dense', 'logits', { units: 10 }),
        ],
      },
    },
  },
};

const service = await testService();
const first = await leftover();
await mkdir(first);
const worker = await service.startWorker({ MAX_RUN_MEMORY_BYTES: String(1024 * mebi), TMPDIR: folder });
await worker.logged('working');

test('what a killed process left is removed when a worker starts, and when a child has ended', async () => {
  assert.ok(!(await readdir(folder)).includes(path.basename(first)));
  const second = await leftover();
  await mkdir(second);
  assert.equal((await service.finished(await service.submit(digitsJob(2)))).status, 'succeeded');
  await worker.logged('job ends');
  while ((await readdir(folder)).includes(path.basename(second))) await new Promise((next) => setTimeout(next, 20));
});

test('a run that takes more memory than it may fails in its first attempt, and the worker goes on', async () => {
  const [large, next] = [await service.submit(wide), await service.submit(digitsJob(2, { seed: 2 }))];
  const record = await service.finished(large);
  assert.deepEqual([record.status, record.error?.code, record.attempt], ['failed', 'OUT_OF_MEMORY', 1]);
  assert.match(
    record.error?.message ?? '',
    /more than 1073741824 bytes of memory .* smaller network, batch or dataset/,
  );
  assert.equal((await service.finished(next)).status, 'succeeded');
  assert.equal(worker.process.exitCode, null);
});

test('a process that is killed while TensorFlow reads its graph leaves a folder that the sweep knows', async () => {
  const own = await temporaryFolder();
  const script = path.resolve(import.meta.dirname, '../support/killed-in-load.ts');
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', script], { env: { ...process.env, TMPDIR: own } });
  assert.equal(signal, 'SIGKILL');
  const left = (await readdir(own)).filter((name) => name.startsWith('.') || name.startsWith('gradinit'));
  assert.equal(left.length, 1);
  assert.deepEqual(await sweepTemporary(own), left);
});
