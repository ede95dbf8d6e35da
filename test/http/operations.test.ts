import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceWorker } from '../../src/queue/index.ts';
import { smallJob, testApi, until } from '../support/api.ts';

const { app, queue } = await testApi();

const newJob = async (): Promise<string> =>
  (await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).json().id;

const worker = (backend: string | null) => ({
  id: `worker-${backend}`,
  name: 'w1',
  pid: 1,
  startedAt: new Date().toISOString(),
  devices: [{ name: 'cpu', backend, jobId: null, memoryBytes: 1234 }],
});

test('the service is alive without being ready, and ready when a worker has loaded TensorFlow', async () => {
  assert.equal((await app.inject('/health/live')).json().live, true);
  const alone = await app.inject('/health/ready');
  assert.deepEqual([alone.statusCode, alone.json().ready, alone.json().checks.workers.ok], [503, false, false]);
  assert.match(alone.json().checks.workers.detail, /npm run worker/);
  const loading = announceWorker(queue.redis, queue.keys, () => worker(null));
  await until(async () => (await queue.workers()).length === 1);
  assert.equal((await app.inject('/health/ready')).statusCode, 503);
  await loading.stop();
  const working = announceWorker(queue.redis, queue.keys, () => worker('cpu'));
  await until(async () => (await app.inject('/health/ready')).statusCode === 200);
  const { workers, warnings } = (await app.inject('/health/ready')).json();
  assert.deepEqual(workers[0].devices, [{ name: 'cpu', backend: 'cpu', busy: false }]);
  assert.deepEqual(warnings, ['worker w1 computes on the CPU']);
  await working.stop();
});

test('metrics tell jobs by status, waiting and running time, iterations, memory of children and HTTP latency', async () => {
  const id = await newJob();
  await queue.jobs.move(id, 'running', { startedAt: new Date().toISOString() });
  const metrics = { branch: 'objective', loss: 1, gradientNorm: 1, objective: 1, secondsPerIteration: 0.02 };
  await queue.jobs.move(id, 'succeeded', { metrics });
  await newJob();
  const announced = announceWorker(queue.redis, queue.keys, () => worker('cpu'));
  await until(async () => (await queue.workers()).length === 1);
  const { body, headers } = await app.inject('/metrics');
  assert.match(String(headers['content-type']), /^text\/plain/);
  const expected = [
    /^gradinit_jobs\{status="queued"\} 1$/m,
    /^gradinit_jobs\{status="succeeded"\} 1$/m,
    /^gradinit_queue_wait_seconds_count\{method="gradinit",status="succeeded"\} 1$/m,
    /^gradinit_run_seconds_count\{method="gradinit",status="succeeded"\} 1$/m,
    /^gradinit_iteration_seconds_sum\{method="gradinit",status="succeeded"\} 0\.02$/m,
    /^gradinit_child_memory_bytes\{worker="w1",device="cpu",backend="cpu"\} 1234$/m,
    /^gradinit_http_request_duration_seconds_count\{method="POST",route="\/v1\/jobs",status="202"\} 2$/m,
    /^process_resident_memory_bytes \d+/m,
  ];
  for (const line of expected) assert.match(body, line);
  const again = (await app.inject('/metrics')).body;
  assert.match(again, /^gradinit_run_seconds_count\{method="gradinit",status="succeeded"\} 1$/m, 'a job counts once');
  await announced.stop();
});

test('the documentation page and everything it names come from this server', async () => {
  const page = await app.inject('/docs');
  assert.equal(page.statusCode, 200);
  const names = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');
  assert.deepEqual(names, ['docs/swagger-ui.css', 'docs/swagger-ui-bundle.js', 'docs/start.js']);
  for (const name of names) assert.equal((await app.inject(`/${name}`)).statusCode, 200, name);
  assert.match(String(page.headers['content-security-policy']), /default-src 'self'/);
});

test('every answer carries its request id', async () => {
  const ids = await Promise.all(
    ['/health/live', '/v1/jobs', '/nothing'].map(async (url) => (await app.inject(url)).headers['x-request-id']),
  );
  assert.equal(new Set(ids).size, 3);
});
