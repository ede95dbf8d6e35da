import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '../../src/contract/log-line.ts';
import { smallJob, testApi } from '../support/api.ts';
import { takeUp } from '../support/jobs.ts';

const { app, queue } = await testApi({ environment: { EVENTS_PER_JOB: '10' } });

const newJob = async (): Promise<string> =>
  (await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).json().id;
const linesOf = async (id: string, query = '') => {
  const page: { lines: LogLine[]; has_more: boolean } = (await app.inject(`/v1/jobs/${id}/logs${query}`)).json();
  return { ...page, texts: page.lines.map(({ level, message }) => `${level} ${message}`) };
};

const id = await newJob();
const attempt = await takeUp(queue, id);
await attempt.report({ phase: 'initializing' }, { type: 'status', data: { phase: 'initializing' } });
await attempt.report({}, { type: 'log', data: { level: 'warn', message: 'odd\nvery', layer: 'a' } });
const all = [
  'info queued',
  'info running, attempt 1: loading',
  'info running: initializing',
  'warn odd\nvery',
  'warn waiting for another attempt: its worker was told to end',
];

test('a log tells what happened, in order, with the data beside the words; a flood of progress pushes no line out', async () => {
  for (let iteration = 0; iteration < 500; iteration += 1)
    await attempt.report({}, { type: 'progress', data: { iteration } });
  await attempt.release(false, 'its worker was told to end');
  const { texts, lines, has_more: more } = await linesOf(id);
  assert.deepEqual([texts, more], [all, false]);
  assert.deepEqual(lines[3]?.data, { layer: 'a' });
  assert.equal(lines[1]?.data.attempt, 1);
});

test('a log goes on after a line, by pages', async () => {
  const found: string[] = [];
  for (let after = ''; ; ) {
    const { texts, lines, has_more: more } = await linesOf(id, `?limit=2${after}`);
    found.push(...texts);
    assert.ok(lines.length <= 2);
    if (!more) break;
    after = `&after=${lines.at(-1)?.id}`;
  }
  assert.deepEqual(found, all);
  const refused = await app.inject(`/v1/jobs/${id}/logs?after=99999999999999999999`);
  assert.deepEqual([refused.statusCode, refused.json().code], [400, 'INVALID_INPUT']);
});

test('a log is text for those who ask for text first', async () => {
  const get = (accept: string) => app.inject({ url: `/v1/jobs/${id}/logs`, headers: { accept } });
  const text = await get('text/plain');
  assert.match(String(text.headers['content-type']), /^text\/plain/);
  assert.match(text.body.split('\n')[0] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}INFO {3}queued$/);
  assert.match(text.body, / {2}WARN {3}odd\n {4}very\n/);
  for (const accept of ['application/json, text/plain, */*', '*/*', ''])
    assert.match(String((await get(accept)).headers['content-type']), /^application\/json/, accept);
});

test('the end with an error is a line of level error', async () => {
  const failing = await newJob();
  await queue.jobs.move(failing, 'failed', { error: { code: 'DIVERGED', message: 'iteration 3: loss is NaN' } });
  assert.deepEqual((await linesOf(failing)).texts.at(-1), 'error failed: DIVERGED: iteration 3: loss is NaN');
});

test('with its job the log is gone', async () => {
  const gone = await newJob();
  await app.inject({ method: 'POST', url: `/v1/jobs/${gone}/cancel` });
  assert.equal(await queue.redis.exists(queue.keys.log(gone)), 1);
  await app.inject({ method: 'DELETE', url: `/v1/jobs/${gone}` });
  assert.equal(await queue.redis.exists(queue.keys.log(gone)), 0);
});
