import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { isAlive, testService } from '../support/queue-service.ts';

const service = await testService();

test('a worker that is told to end hands its job back with a checkpoint and exits; another one goes on', async () => {
  const [first, second] = await Promise.all([service.startWorker(), service.startWorker({ MAX_ATTEMPTS: '1' })]);
  const id = await service.submit(digitsJob(3000));
  await service.until(id, ({ progress }) => progress.iteration > 1);
  const [leaving, staying] = first.lines.some(({ msg }) => msg === 'job begins') ? [first, second] : [second, first];
  const child = Number((await leaving.logged('job begins')).childPid);
  leaving.process.kill('SIGTERM');
  assert.deepEqual(await leaving.exited, { code: 0, signal: null });
  assert.ok(!isAlive(child));
  assert.ok(Number((await staying.logged('job begins')).resumedFrom) > 1);
  const record = await service.finished(id);
  // Being handed back is no lost attempt: MAX_ATTEMPTS 1 would have failed it.
  assert.deepEqual([record.status, record.attempt, record.progress.iteration], ['succeeded', 2, 3000]);
  staying.process.kill('SIGTERM');
  assert.deepEqual(await staying.exited, { code: 0, signal: null });
  assert.deepEqual(await service.client.workers(), [], 'both have signed off');
});
