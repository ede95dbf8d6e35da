import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();
const { jobs } = service.client;
await service.startWorker();

const reportOf = async (id: string) =>
  JSON.parse(await readFile(path.join(service.stateDir, 'artifacts', id, 'files', 'report.json'), 'utf8'));

test('a cancelled run publishes its weights as they are when that is asked for: those of a run of so many iterations', async () => {
  const id = await service.submit(digitsJob(1_000_000));
  await service.until(id, ({ progress }) => progress.iteration > 5);
  assert.equal((await jobs.cancel(id, { keepsPartial: true }))?.status, 'cancelling');
  assert.equal((await service.finished(id)).status, 'cancelled');
  const { cancelled, history } = await reportOf(id);
  assert.equal(cancelled.phase, 'initializing');
  assert.ok(cancelled.iteration > 5);
  assert.equal(history.length, cancelled.iteration);
  const plain = await service.submit(digitsJob(cancelled.iteration));
  await service.finished(plain);
  assert.equal(await service.weights(id), await service.weights(plain));
});

test('a training that is cut short leaves the whole initialisation, and no numbers of the training', async () => {
  const spec = {
    ...digitsJob(5),
    dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
    training: { epochs: 1000, batchSize: 32, learningRate: 0.01 },
  };
  const id = await service.submit(spec);
  await service.until(id, ({ phase, progress }) => phase === 'training' && progress.iteration > 0);
  await jobs.cancel(id, { keepsPartial: true });
  assert.equal((await service.finished(id)).status, 'cancelled');
  const report = await reportOf(id);
  assert.deepEqual([report.cancelled, report.training], [{ phase: 'training', iteration: 5 }, undefined]);
});

test('without the wish a cancelled run publishes nothing', async () => {
  const id = await service.submit(digitsJob(1_000_000));
  await service.until(id, ({ progress }) => progress.iteration > 0);
  await jobs.cancel(id);
  await service.finished(id);
  await assert.rejects(reportOf(id), { code: 'ENOENT' });
});
