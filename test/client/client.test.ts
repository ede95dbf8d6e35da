import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRequest } from '../../src/client/index.ts';
import { pauseMs } from '../../src/client/transport.ts';
import { AppError } from '../../src/errors.ts';
import { hangUp, json, scriptedServer } from './scripted-server.ts';

const request: JobRequest = { model: { format: 'zoo', name: 'mlp' }, method: { name: 'kaiming' } };
const job = (status: string) => ({ id: 'job_1', status });
const busy = json(503, { code: 'QUEUE_UNAVAILABLE', detail: 'Redis is away' }, { 'retry-after': '0' });

const failsWith = (code: string, details: object) => (error: unknown) => {
  assert.ok(error instanceof AppError);
  assert.equal(error.code, code);
  assert.partialDeepStrictEqual?.(error.details, details);
  return true;
};

test('a submit is repeated under one Idempotency-Key until the service takes it', async () => {
  const { client, seen } = await scriptedServer([busy, hangUp, json(202, job('queued'))]);
  assert.equal((await client.submit(request)).id, 'job_1');
  const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
  assert.equal(seen.length, 3);
  assert.equal(keys.size, 1);
  assert.match([...keys][0]?.toString() ?? '', /^[0-9a-f-]{36}$/);
  assert.deepEqual(JSON.parse(seen[2]?.body ?? ''), request);
  assert.equal(seen[0]?.headers.authorization, 'Bearer secret');
});

test('two submits have two Idempotency-Keys', async () => {
  const { client, seen } = await scriptedServer([json(202, job('queued'))]);
  await client.submit(request);
  await client.submit(request);
  assert.notEqual(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
});

test('a retry whose connection breaks is not repeated: it might start two attempts', async () => {
  const { client, seen } = await scriptedServer([hangUp, json(202, job('queued'))]);
  await assert.rejects(client.retry('job_1'), failsWith('SERVICE_UNREACHABLE', {}));
  assert.equal(seen.length, 1);
});

test('a problem becomes an error with its code, its text and its pointers', async () => {
  const errors = [{ pointer: '/method/options/eta', message: 'must be > 0' }];
  const { client } = await scriptedServer([json(400, { code: 'OPTION_INVALID', detail: 'eta must be > 0', errors })]);
  await assert.rejects(client.submit(request), (error) => {
    assert.ok(error instanceof AppError);
    assert.deepEqual(
      [error.code, error.message, error.problems, error.details.status],
      ['OPTION_INVALID', 'eta must be > 0', errors, 400],
    );
    return true;
  });
});

for (const [title, status, body] of [
  ['a proxy', 502, '<html>bad gateway</html>'],
  ['a code of a later version', 418, '{"code":"TEAPOT","detail":"short and stout"}'],
  ['a JSON text', 500, '"no"'],
] as const) {
  test(`the answer of ${title} is an error of the client`, async () => {
    const { client } = await scriptedServer([(response) => response.writeHead(status).end(body)]);
    await assert.rejects(client.get('job_1'), failsWith('SERVICE_ANSWER', { status }));
  });
}

test('after the last repetition the answer of the service is the error', async () => {
  const { client, seen } = await scriptedServer([busy], 2);
  await assert.rejects(client.get('job_1'), failsWith('QUEUE_UNAVAILABLE', { status: 503 }));
  assert.equal(seen.length, 3);
});

test('an abort ends the waiting between two tries', async () => {
  const { client } = await scriptedServer([json(503, {}, { 'retry-after': '600' })]);
  const controller = new AbortController();
  const pending = client.get('job_1', { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(pending, { name: 'AbortError' });
});

test('wait asks by long polls until the job has finished', async () => {
  const slow = json(200, job('running'));
  const { client, seen } = await scriptedServer([slow, json(200, job('failed'))]);
  assert.equal((await client.wait('job_1')).status, 'failed');
  assert.match(seen[0]?.url ?? '', /^\/v1\/jobs\/job_1\?wait=\d+$/);
});

test('wait asks without a long poll where the service allows shorter ones only', async () => {
  const { client, seen } = await scriptedServer([
    json(400, { code: 'INVALID_INPUT', detail: '/wait is too long' }),
    json(200, job('succeeded')),
  ]);
  assert.equal((await client.wait('job_1')).status, 'succeeded');
  assert.equal(seen[1]?.url, '/v1/jobs/job_1?wait=0');
});

test('wait gives the unfinished job when the time is over', async () => {
  const { client } = await scriptedServer([json(200, job('running'))]);
  assert.equal((await client.wait('job_1', { timeoutMs: 0 })).status, 'running');
});

for (const address of ['localhost:8080', 'ftp://host', '']) {
  test(`the address ${JSON.stringify(address)} is refused`, async () => {
    const { createClient } = await import('../../src/client/index.ts');
    assert.throws(() => createClient({ baseUrl: address }), failsWith('USAGE', {}));
  });
}

for (const [title, attempt, retryAfter, expected] of [
  ['grows twofold', 3, null, 1000],
  ['is at least what the service asks for', 1, '7', 7000],
  ['takes a date', 1, new Date(Date.now() + 3_600_000).toUTCString(), 30_000],
  ['ignores nonsense', 1, 'soon', 250],
  ['is bounded', 30, null, 30_000],
] as const) {
  test(`the pause before a repetition ${title}`, () => {
    const pause = pauseMs(attempt, retryAfter, 1);
    assert.ok(pause >= expected && pause <= expected + 1500, `${pause}`);
  });
}
