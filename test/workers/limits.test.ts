import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

const service = await testService();
const worker = await service.startWorker({ MAX_RUN_SECONDS: '4' });

test('a run that takes longer than its own limit expires', async () => {
  const id = await service.submit(digitsJob(1_000_000, { limits: { maxRunSeconds: 1 } }));
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.error?.code], ['expired', 'JOB_EXPIRED']);
  assert.match(record.error?.message ?? '', /limit of 1 seconds/);
});

test('a specification cannot ask for more time than the configuration gives', async () => {
  const id = await service.submit(digitsJob(1_000_000, { limits: { maxRunSeconds: 3600 } }));
  const record = await service.finished(id);
  assert.deepEqual(
    [record.status, record.error?.message],
    ['expired', 'the job ran longer than its limit of 4 seconds'],
  );
});

test('a job that cannot run fails with the code and the text of its error, in one attempt', async () => {
  const id = await service.submit({ ...digitsJob(10), dataset: { ref: 'file:somewhere.csv' } });
  const record = await service.finished(id);
  assert.deepEqual([record.status, record.attempt, record.error?.code], ['failed', 1, 'DATASET_NOT_FOUND']);
  assert.match(record.error?.message ?? '', /DATA_ROOT is not set/);
});

test('the health port tells that the worker is ready, on what, and that this is a CPU', async () => {
  const { healthPort } = await worker.logged('working');
  const base = `http://127.0.0.1:${healthPort}`;
  assert.equal((await fetch(`${base}/health/live`)).status, 200);
  await service.until((await service.client.jobs.list({ owner: null, limit: 1 })).records[0]?.id as string, () => true);
  for (;;) {
    const response = await fetch(`${base}/health/ready`);
    const report = (await response.json()) as { devices: { backend: { description: string } }[]; warnings: string[] };
    if (response.status !== 200) continue;
    assert.equal(report.devices[0]?.backend.description, 'cpu');
    assert.match(report.warnings[0] ?? '', /on the CPU/);
    break;
  }
  assert.equal((await fetch(`${base}/else`)).status, 404);
  assert.deepEqual(
    (await service.client.workers()).map(({ devices }) => devices[0]?.backend),
    ['cpu'],
  );
});
