import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { smallJob, testApi, until } from '../support/api.ts';

const { app, queue } = await testApi();
const url = await app.listen({ port: 0, host: '127.0.0.1' });

const newJob = async (): Promise<string> =>
  (await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob })).json().id;
const progress = (id: string, iteration: number, note = '') =>
  queue.events.append(id, { type: 'progress', data: { iteration, note } });
const finish = async (id: string) => {
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'succeeded');
};

interface Sse {
  readonly response: IncomingMessage;
  text: string;
  isOver: boolean;
  close(): void;
}

function follow(id: string, headers: Record<string, string> = {}): Promise<Sse> {
  return new Promise((resolve, reject) => {
    const request = get(
      `${url}/v1/jobs/${id}/events`,
      { headers: { accept: 'text/event-stream', ...headers } },
      (response) => {
        const stream: Sse = { response, text: '', isOver: false, close: () => request.destroy() };
        response.setEncoding('utf8').on('data', (chunk) => {
          stream.text += chunk;
        });
        response.on('close', () => {
          stream.isOver = true;
        });
        resolve(stream);
      },
    );
    request.on('error', reject);
  });
}

const eventsOf = ({ text }: Sse) =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const [id, type, data] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      return { id: id ?? '', type, data: JSON.parse(data ?? 'null') };
    });

test('events come as pages, in order, and go on after an id', async () => {
  const id = await newJob();
  for (const iteration of [1, 2, 3]) await progress(id, iteration);
  const first = (await app.inject(`/v1/jobs/${id}/events?limit=2`)).json();
  assert.deepEqual(
    first.events.map(({ type, data }: { type: string; data: object }) => [type, data]),
    [
      ['status', { status: 'queued' }],
      ['progress', { iteration: 1, note: '' }],
    ],
  );
  assert.equal(first.has_more, true);
  const rest = (await app.inject(`/v1/jobs/${id}/events?after=${first.events[1].id}`)).json();
  assert.deepEqual(
    rest.events.map(({ data }: { data: { iteration: number } }) => data.iteration),
    [2, 3],
  );
  assert.equal(rest.has_more, false);
});

test('a stream has what was, then what comes, and ends with the job', async () => {
  const id = await newJob();
  await progress(id, 1);
  const stream = await follow(id);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.match(String(stream.response.headers['cache-control']), /no-cache/);
  await until(() => eventsOf(stream).length === 2);
  await progress(id, 2, 'line\nbreak');
  await finish(id);
  await until(() => stream.isOver);
  const events = eventsOf(stream);
  assert.deepEqual(
    events.map(({ type, data }) => data.iteration ?? data.status ?? type),
    ['queued', 1, 2, 'running', 'succeeded'],
  );
  assert.equal(events[2]?.data.note, 'line\nbreak');
  assert.match(stream.text, /^retry: \d+\n\n/);
});

test('Last-Event-ID resumes a stream without a gap and without a repetition', async () => {
  const id = await newJob();
  for (let iteration = 1; iteration <= 50; iteration += 1) await progress(id, iteration);
  const broken = await follow(id);
  await until(() => eventsOf(broken).length >= 20);
  broken.close();
  const seen = eventsOf(broken).slice(0, 20);
  const resumed = await follow(id, { 'last-event-id': seen.at(-1)?.id ?? '' });
  await finish(id);
  await until(() => resumed.isOver);
  const iterations = [...seen, ...eventsOf(resumed)].flatMap(({ data }) => data.iteration ?? []);
  assert.deepEqual(
    iterations,
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});

test('who has seen the end is told not to come back', async () => {
  const id = await newJob();
  await finish(id);
  const stream = await follow(id);
  await until(() => stream.isOver);
  const last = eventsOf(stream).at(-1);
  assert.equal(last?.data.status, 'succeeded');
  const again = await follow(id, { 'last-event-id': last?.id ?? '' });
  assert.equal(again.response.statusCode, 204);
});

test('a stream goes on over a retry', async () => {
  const id = await newJob();
  await queue.jobs.move(id, 'failed', { error: { code: 'INTERNAL', message: 'x' } });
  await queue.jobs.requeue(id);
  const stream = await follow(id);
  await until(() => eventsOf(stream).length >= 3);
  await finish(id);
  await until(() => stream.isOver);
  assert.deepEqual(
    eventsOf(stream).map(({ data }) => data.status),
    ['queued', 'failed', 'queued', 'running', 'succeeded'],
  );
});

test('a client that stops reading costs no memory and misses nothing when it reads again', async () => {
  const id = await newJob();
  const stream = await follow(id);
  await until(() => eventsOf(stream).length === 1);
  stream.response.pause();
  const note = 'x'.repeat(10_000);
  const count = 1500;
  const before = process.memoryUsage().rss;
  for (let iteration = 1; iteration <= count; iteration += 1) await progress(id, iteration, note);
  await finish(id);
  const buffered = process.memoryUsage().rss - before;
  assert.ok(buffered < 400 * 2 ** 20, `${buffered} bytes more for 15 MB of events`);
  stream.response.resume();
  await until(() => stream.isOver);
  const iterations = eventsOf(stream).flatMap(({ data }) => data.iteration ?? []);
  assert.deepEqual(
    iterations,
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

test('cursors beyond 63 bits are refused; those of the future stand at the end and disturb nobody', async () => {
  const id = await newJob();
  await progress(id, 1);
  for (const after of ['99999999999999999999', '1-9223372036854775808']) {
    const bad = await app.inject(`/v1/jobs/${id}/events?after=${after}`);
    assert.deepEqual(
      [bad.statusCode, bad.json().code, bad.json().errors[0].pointer],
      [400, 'INVALID_INPUT', '/query/after'],
    );
    const stream = await follow(id, { 'last-event-id': after });
    assert.equal(stream.response.statusCode, 400);
  }
  const page = await app.inject(`/v1/jobs/${id}/events?after=9223372036854775807-9223372036854775807`);
  assert.deepEqual(page.json(), { events: [], has_more: false });
  const future = await follow(id, { 'last-event-id': '99999999999999-0' });
  const other = await follow(id);
  await until(() => eventsOf(other).length === 2);
  await finish(id);
  await until(() => other.isOver && future.isOver);
  assert.deepEqual(
    eventsOf(other).map(({ data }) => data.iteration ?? data.status),
    ['queued', 1, 'running', 'succeeded'],
  );
  assert.deepEqual(
    eventsOf(future).map(({ data }) => data.status),
    ['running', 'succeeded'],
  );
});

test('when Redis loses its data, long polls and streams end with a code', async () => {
  const id = await newJob();
  const stream = await follow(id);
  await until(() => eventsOf(stream).length === 1);
  const waiting = app.inject(`/v1/jobs/${id}?wait=50`);
  await until(async () => String(await queue.redis.client('LIST')).includes('cmd=xread'));
  await queue.redis.flushall();
  const answer = await waiting;
  assert.deepEqual([answer.statusCode, answer.json().code], [404, 'JOB_NOT_FOUND']);
  await until(() => stream.isOver);
  const [, data = ''] = /event: problem\ndata: (.*)\n\n$/.exec(stream.text) ?? [];
  assert.deepEqual([JSON.parse(data).status, JSON.parse(data).code], [404, 'JOB_NOT_FOUND']);
});

test('a long poll reads no event that was there before', async () => {
  const id = await newJob();
  for (let iteration = 1; iteration <= 300; iteration += 1) await progress(id, iteration);
  const waiting = app.inject(`/v1/jobs/${id}?wait=50`);
  await until(async () => String(await queue.redis.client('LIST')).includes('cmd=xread'));
  const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await queue.redis.info('stats'))?.[1]);
  const before = await sent();
  const second = app.inject(`/v1/jobs/${id}?wait=50`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const read = (await sent()) - before;
  await finish(id);
  for (const answer of [await waiting, await second]) assert.equal(answer.json().status, 'succeeded');
  assert.ok(read < 15_000, `${read} bytes`);
});

test('a hundred clients follow one job', async () => {
  const id = await newJob();
  const streams = await Promise.all(Array.from({ length: 100 }, () => follow(id)));
  for (const iteration of [1, 2, 3]) await progress(id, iteration);
  await finish(id);
  await until(() => streams.every(({ isOver }) => isOver));
  for (const stream of streams) assert.equal(eventsOf(stream).length, 6);
});
