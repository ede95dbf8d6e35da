/** Trainings that are handed over, killed and damaged: each ends as the one that nothing disturbed. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { testService } from '../support/queue-service.ts';

const service = await testService();
const job = {
  model: { format: 'zoo', name: 'mlp', options: { inputShape: [8, 8, 1], sizes: [16], classes: 10 } },
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  method: { name: 'gradinit', options: { iterations: 20, batchSize: 32 } },
  training: { epochs: 60, batchSize: 32, augmentation: { crop: 1 } },
  artifacts: ['safetensors'],
};
const training = async (id: string) => {
  const file = path.join(service.stateDir, 'artifacts', id, 'files', 'report.json');
  const report = JSON.parse(await readFile(file, 'utf8'));
  const text = JSON.stringify(report.training, (key, value) => (key === 'seconds' ? undefined : value));
  return { training: JSON.parse(text), iterations: report.history.length, weights: await service.weights(id) };
};
/** In the training, with `count` checkpoints of it. Returns the iteration of the newest. */
async function checkpointed(id: string, count: number): Promise<number> {
  for (;;) {
    const pointers = await service.client.checkpoints(id);
    const [newest] = pointers;
    if (newest && pointers.filter(({ phase }) => phase === 'training').length >= count) return newest.iteration;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let undisturbed: Awaited<ReturnType<typeof training>>;

test('an undisturbed training leaves no checkpoint', async () => {
  const worker = await service.startWorker();
  const id = await service.submit(job);
  assert.equal((await service.finished(id)).status, 'succeeded');
  undisturbed = await training(id);
  assert.deepEqual(await service.client.checkpoints(id), []);
  await worker.logged('job ends');
  await worker.stop();
  assert.deepEqual(await readdir(path.join(service.stateDir, 'checkpoints')), []);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a worker that gets ${signal} in a training is followed by one that goes on where it was`, async () => {
    const first = await service.startWorker();
    const id = await service.submit(job);
    const before = await checkpointed(id, 1);
    first.process.kill(signal);
    await first.exited;
    const second = await service.startWorker();
    const begun = await second.logged('job begins');
    assert.equal(begun.resumedPhase, 'training');
    assert.ok(Number(begun.resumedFrom) >= before, `${begun.resumedFrom} after ${before}`);
    assert.equal((await service.finished(id)).status, 'succeeded');
    assert.deepEqual(await training(id), undisturbed);
    await second.stop();
  });
}

test('a damaged checkpoint: the one before is used, which the log of the job says', async () => {
  const first = await service.startWorker();
  const id = await service.submit(job);
  await checkpointed(id, 1);
  first.process.kill('SIGTERM');
  await first.exited;
  const [newest, older] = await service.client.checkpoints(id);
  await writeFile(path.join(service.stateDir, 'checkpoints', newest?.key ?? '', 'blob.json'), '{}');
  const second = await service.startWorker();
  assert.equal((await service.finished(id)).status, 'succeeded');
  assert.deepEqual(await training(id), undisturbed);
  const said = (await service.events(id)).filter(({ type }) => type === 'log').map(({ data }) => String(data.message));
  assert.match(
    said.join(),
    new RegExp(
      `checkpoint ${newest?.key} .*; the one before it is used: ${older?.phase}, iteration ${older?.iteration}`,
    ),
  );
  await second.stop();
});
