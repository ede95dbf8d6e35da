import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKey } from '../../src/http/api-keys.ts';
import { smallJob, testApi } from '../support/api.ts';

const ann = createKey('ann', ['jobs:read', 'jobs:write']);
const reader = createKey('bob', ['jobs:read']);
const keys = [ann, reader].map(({ entry }) => entry).join(',');
// Lines of the audit are written although lines of this level are not.
const { app, log } = await testApi({ environment: { API_KEYS: keys, LOG_LEVEL: 'error' } });

type Line = Record<string, unknown>;
async function linesOf(work: () => Promise<unknown>): Promise<Line[]> {
  const from = log.length;
  await work();
  // The hook runs when the answer is out.
  await sleep(20);
  return log
    .slice(from)
    .map((line) => JSON.parse(line) as Line)
    .filter(({ audit }) => audit === true);
}
const ask = (token: string | null, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
  app.inject({
    method,
    url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
const told = ({ key, action, target, outcome, status, code }: Line) => [key, action, target, outcome, status, code];

test('every request that changes something leaves one line: who, what, of what, and how it ended', async () => {
  let id = '';
  const made = await linesOf(async () => {
    id = (await ask(ann.token, 'POST', '/v1/jobs', smallJob)).json().id;
  });
  assert.deepEqual(made.map(told), [['ann', 'createJob', id, 'done', 202, null]]);
  const cancelled = await linesOf(() => ask(ann.token, 'POST', `/v1/jobs/${id}/cancel`));
  assert.deepEqual(cancelled.map(told), [['ann', 'cancelJob', id, 'done', 202, null]]);
  const removed = await linesOf(() => ask(ann.token, 'DELETE', `/v1/jobs/${id}`));
  assert.deepEqual(removed.map(told), [['ann', 'deleteJob', id, 'done', 204, null]]);
});

test('what is refused is told with its code: a key without the scope, no key, no such job', async () => {
  const lines = await linesOf(async () => {
    await ask(reader.token, 'POST', '/v1/jobs', smallJob);
    await ask(null, 'POST', '/v1/jobs', smallJob);
    await ask(ann.token, 'DELETE', '/v1/jobs/job_nowhere');
  });
  assert.deepEqual(lines.map(told), [
    ['bob', 'createJob', null, 'refused', 403, 'FORBIDDEN'],
    [null, 'createJob', null, 'refused', 401, 'UNAUTHENTICATED'],
    ['ann', 'deleteJob', 'job_nowhere', 'refused', 404, 'JOB_NOT_FOUND'],
  ]);
});

test('signing in says which key; the key itself is nowhere', async () => {
  const payload = new URLSearchParams({ key: ann.token }).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: 'localhost',
    origin: 'http://localhost',
  };
  const lines = await linesOf(() => app.inject({ method: 'POST', url: '/v1/session', payload, headers }));
  assert.deepEqual(lines.map(told), [['ann', 'createSession', null, 'done', 200, null]]);
  assert.ok(!log.join('').includes(ann.token));
});

test('questions leave no line', async () => {
  const lines = await linesOf(async () => {
    await ask(ann.token, 'GET', '/v1/jobs');
    await ask(ann.token, 'POST', '/v1/jobs/validate', smallJob);
  });
  assert.deepEqual(lines, []);
});
