import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newJobId } from '../../src/contract/job-id.ts';
import { jobStatuses } from '../../src/contract/job-status.ts';
import { smallJob, testApi } from '../support/api.ts';
import { takeUp } from '../support/jobs.ts';

const { app, queue } = await testApi();

const submit = (payload: object = smallJob, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/v1/jobs', payload, headers });
const post = (url: string) => app.inject({ method: 'POST', url });
const newJob = async (): Promise<string> => (await submit()).json().id;

test('a job that is accepted is stored, queued and linked', async () => {
  const response = await submit({ ...smallJob, metadata: { pipeline: 'nightly-42' } });
  assert.equal(response.statusCode, 202, response.body);
  const job = response.json();
  assert.equal(response.headers.location, `/v1/jobs/${job.id}`);
  assert.deepEqual(
    [job.status, job.phase, job.attempt, job.progress, job.metrics, job.error, job.metadata],
    ['queued', null, 0, { iteration: 0, iterations: 3, etaSeconds: null }, null, null, { pipeline: 'nightly-42' }],
  );
  assert.ok(job.queuePosition >= 1);
  assert.equal(new URL(job.links.self).pathname, `/v1/jobs/${job.id}`);
  const again = await app.inject(new URL(job.links.self).pathname);
  assert.deepEqual(again.json(), job);
  assert.deepEqual((await queue.jobs.spec(job.id))?.seed, 0, 'defaults are stored');
});

test('an Idempotency-Key with the same body gives the same job, with another body nothing', async () => {
  const headers = { 'idempotency-key': 'nightly-1' };
  const first = await submit(smallJob, headers);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  const { dataset, method, model } = smallJob;
  const again = await submit({ method, dataset, model, seed: 0 }, headers);
  assert.deepEqual([again.statusCode, again.json().id], [202, first.json().id], 'order and defaults do not matter');
  assert.equal(again.headers['idempotency-replayed'], 'true');
  const other = await submit({ ...smallJob, seed: 1 }, headers);
  assert.deepEqual([other.statusCode, other.json().code], [422, 'IDEMPOTENCY_CONFLICT']);
});

test('twenty equal requests at once with one Idempotency-Key are one job', async () => {
  const responses = await Promise.all(
    Array.from({ length: 20 }, () => submit(smallJob, { 'idempotency-key': 'race' })),
  );
  assert.equal(new Set(responses.map((response) => response.json().id)).size, 1);
  assert.equal(responses.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1);
});

test('the list is newest first, goes on after an id and can be narrowed to a status', async () => {
  const ids = [await newJob(), await newJob(), await newJob()].reverse();
  const page = (await app.inject('/v1/jobs?limit=2')).json();
  assert.deepEqual(
    page.jobs.map(({ id }: { id: string }) => id),
    ids.slice(0, 2),
  );
  assert.equal(page.has_more, true);
  const rest = (await app.inject(`/v1/jobs?limit=1&after=${ids[1]}`)).json();
  assert.equal(rest.jobs[0].id, ids[2]);
  await post(`/v1/jobs/${ids[0]}/cancel`);
  const cancelled = (await app.inject('/v1/jobs?status=cancelled')).json();
  assert.equal(cancelled.jobs[0].id, ids[0]);
  assert.ok(cancelled.jobs.every(({ status }: { status: string }) => status === 'cancelled'));
});

test('a queued job is cancelled at once, and cancelling it again is refused', async () => {
  const id = await newJob();
  const cancelled = await post(`/v1/jobs/${id}/cancel`);
  assert.deepEqual([cancelled.statusCode, cancelled.json().status], [202, 'cancelled']);
  assert.notEqual(cancelled.json().finishedAt, null);
  const again = await post(`/v1/jobs/${id}/cancel`);
  assert.deepEqual([again.statusCode, again.json().code], [409, 'JOB_STATE']);
});

test('a running job is asked to stop, as often as one likes', async () => {
  // Ahead of what other tests have left in the line.
  const { id } = (await submit({ ...smallJob, priority: 'high' })).json();
  await takeUp(queue, id);
  for (const _ of [1, 2]) {
    const response = await post(`/v1/jobs/${id}/cancel`);
    assert.deepEqual([response.statusCode, response.json().status], [202, 'cancelling']);
  }
});

test('a job that failed can be retried, one that is queued or has succeeded cannot', async () => {
  const id = await newJob();
  assert.equal((await post(`/v1/jobs/${id}/retry`)).json().code, 'JOB_STATE');
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'failed', { error: { code: 'DIVERGED', message: 'iteration 3: loss is NaN' } });
  const failed = (await app.inject(`/v1/jobs/${id}`)).json();
  assert.deepEqual(failed.error, { code: 'DIVERGED', message: 'iteration 3: loss is NaN' });
  const retried = await post(`/v1/jobs/${id}/retry`);
  assert.deepEqual([retried.statusCode, retried.json().status, retried.json().error], [202, 'queued', null]);
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'succeeded');
  assert.equal((await post(`/v1/jobs/${id}/retry`)).statusCode, 409);
});

test('a job shows its specification in every status, without the bytes of its topology and the secret of its webhook', async () => {
  const layers = [
    { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, 8, 8, 1] } },
    { class_name: 'Dense', config: { name: 'logits', units: 10 } },
  ];
  const topology = { class_name: 'Sequential', config: { name: 'named', layers } };
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const webhook = { url: 'https://hooks.example.com/gradinit', secret };
  const spec = { ...smallJob, model: { topology }, seed: 5, webhook };
  const shown = async (id: string) => {
    const { body } = await app.inject(`/v1/jobs/${id}`);
    assert.ok(!body.includes(secret) && !body.includes('units'));
    const { status, specification } = JSON.parse(body);
    const { dataset, method, seed, model } = specification;
    assert.deepEqual([dataset, seed, method.name], [smallJob.dataset, 5, smallJob.method.name], status);
    const text = JSON.stringify(topology);
    const sha256 = createHash('sha256').update(text).digest('hex');
    assert.deepEqual(model, { format: null, topology: { name: 'named', sha256, bytes: text.length } }, status);
    return status;
  };
  const submitted = async (): Promise<string> => (await submit(spec)).json().id;
  const seen = new Set<string>();
  const id = await submitted();
  seen.add(await shown(id));
  await post(`/v1/jobs/${id}/pause`);
  seen.add(await shown(id));
  await post(`/v1/jobs/${id}/resume`);
  for (const status of ['running', 'pausing', 'running', 'failed'] as const) {
    await queue.jobs.move(id, status);
    seen.add(await shown(id));
  }
  for (const path of [
    ['cancelled'],
    ['running', 'cancelling', 'cancelled'],
    ['expired'],
    ['running', 'succeeded'],
  ] as const) {
    const other = await submitted();
    for (const status of path) {
      await queue.jobs.move(other, status);
      seen.add(await shown(other));
    }
  }
  assert.deepEqual([...seen].sort(), [...jobStatuses].sort());
});

test('only a job that is over can be deleted', async () => {
  const id = await newJob();
  const refused = await app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'JOB_STATE']);
  await post(`/v1/jobs/${id}/cancel`);
  const deleted = await app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
  assert.deepEqual([deleted.statusCode, deleted.body], [204, '']);
  assert.equal((await app.inject(`/v1/jobs/${id}`)).statusCode, 404);
});

test('?wait= answers when the job is over', async () => {
  const id = await newJob();
  const waiting = app.inject(`/v1/jobs/${id}?wait=30`);
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'succeeded');
  assert.equal((await waiting).json().status, 'succeeded');
});

test('?wait= answers with the job as it is when the time is over', async () => {
  const id = await newJob();
  for (const seconds of [0.05, 0.01234])
    assert.equal((await app.inject(`/v1/jobs/${id}?wait=${seconds}`)).json().status, 'queued');
});

test('?wait= answers in time whatever the garbage collector takes meanwhile', async () => {
  const id = await newJob();
  const waiting = Promise.all(Array.from({ length: 20 }, () => app.inject(`/v1/jobs/${id}?wait=1`)));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const timer = setInterval(collect, 100);
  const answers = await waiting.finally(() => clearInterval(timer));
  assert.deepEqual(
    answers.map((answer) => answer.json().status),
    answers.map(() => 'queued'),
  );
});

test('?wait= of a job that failed once and was retried waits for the new end', async () => {
  const id = await newJob();
  await queue.jobs.move(id, 'failed', { error: { code: 'INTERNAL', message: '' } });
  await queue.jobs.requeue(id);
  const waiting = app.inject(`/v1/jobs/${id}?wait=30`);
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'succeeded');
  assert.equal((await waiting).json().status, 'succeeded');
});

test('a job that is not there is 404 whatever is asked of it', async () => {
  const id = newJobId();
  const requests = [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['GET', '/events'],
    ['GET', '/logs'],
    ['GET', '/deliveries'],
    ['GET', '/artifacts'],
    ['GET', '/artifacts/report.json'],
    ['GET', '/weights'],
  ] as const;
  for (const [method, rest] of requests) {
    const response = await app.inject({ method, url: `/v1/jobs/${id}${rest}` });
    assert.deepEqual([response.statusCode, response.json().code], [404, 'JOB_NOT_FOUND'], `${method} ${rest}`);
  }
});

test('a cancellation may ask for partial artifacts, in one of two words', async () => {
  const cancel = (id: string, payload: unknown) =>
    app.inject({
      method: 'POST',
      url: `/v1/jobs/${id}/cancel`,
      payload: JSON.stringify(payload),
      headers: { 'content-type': 'application/json' },
    });
  for (const [payload, pointer] of [
    [{ artifacts: 'all' }, '/artifacts'],
    [{ partial: true }, '/partial'],
    [[], ''],
  ] as const) {
    const refused = await cancel(await newJob(), payload);
    assert.deepEqual([refused.statusCode, refused.json().code], [400, 'INVALID_INPUT'], refused.body);
    assert.equal(refused.json().errors[0].pointer, pointer);
  }
  for (const payload of [{ artifacts: 'partial' }, { artifacts: 'none' }, {}, null])
    assert.equal((await cancel(await newJob(), payload)).json().status, 'cancelled');
});

test('a job is paused and resumed, and told why not when it cannot be', async () => {
  const id = await newJob();
  assert.equal((await post(`/v1/jobs/${id}/resume`)).json().code, 'JOB_STATE');
  const paused = await post(`/v1/jobs/${id}/pause`);
  assert.deepEqual([paused.statusCode, paused.json().status, paused.json().queuePosition], [202, 'paused', null]);
  assert.ok((await app.inject('/v1/jobs?status=paused')).json().jobs.some((job: { id: string }) => job.id === id));
  assert.equal((await post(`/v1/jobs/${id}/resume`)).json().status, 'queued');
  await post(`/v1/jobs/${id}/cancel`);
  const refused = await post(`/v1/jobs/${id}/pause`);
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'JOB_STATE']);
});
