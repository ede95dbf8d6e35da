import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsJob } from '../support/jobs.ts';
import { isAlive, testService } from '../support/queue-service.ts';

const service = await testService();
const { jobs } = service.client;
const worker = await service.startWorker();

const childOf = async (id: string) => Number((await worker.logged('job begins', (line) => line.jobId === id)).childPid);

test('a paused run leaves its worker free for others, goes on at its iteration and ends in the bytes of one that was not paused', async () => {
  const spec = digitsJob(1500);
  const [plain, paused] = [await service.submit(spec), await service.submit(spec)];
  await service.finished(plain);
  await service.until(paused, ({ progress }) => progress.iteration > 20);
  const child = await childOf(paused);
  assert.equal((await jobs.pause(paused))?.status, 'pausing');
  const held = await service.until(paused, ({ status }) => status === 'paused');
  assert.ok(held.progress.iteration < 1500);
  assert.equal(held.progress.etaSeconds, null);
  const other = await service.submit(digitsJob(5));
  assert.equal((await service.finished(other)).status, 'succeeded');
  assert.ok(!isAlive(child));
  assert.equal((await jobs.resume(paused))?.status, 'queued');
  const record = await service.finished(paused);
  assert.deepEqual([record.status, record.attempt, record.failures], ['succeeded', 2, 0]);
  const begun = await worker.logged('job begins', (line) => line.jobId === paused && line.attempt === 2);
  assert.ok(Number(begun.resumedFrom) >= 20, `${begun.resumedFrom}`);
  assert.equal(await service.weights(paused), await service.weights(plain));
});

test('a paused run can be cancelled', async () => {
  const id = await service.submit(digitsJob(1_000_000));
  await service.until(id, ({ progress }) => progress.iteration > 0);
  await jobs.pause(id);
  await service.until(id, ({ status }) => status === 'paused');
  assert.equal((await jobs.cancel(id))?.status, 'cancelled');
});
