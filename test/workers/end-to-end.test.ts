import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { testService } from '../support/queue-service.ts';

test('a job goes from the queue through a worker to an artifact', async () => {
  const service = await testService();
  const worker = await service.startWorker();
  const id = await service.submit(digitsJob(20));
  const record = await service.finished(id);
  assert.equal(record.status, 'succeeded', JSON.stringify({ record, lines: worker.lines }, null, 1));
  assert.deepEqual(record.progress.iteration, 20);
  assert.match(await service.weights(id), /^[0-9a-f]{64}$/);
});
