import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobEvent } from '../../src/client/index.ts';
import { AppError } from '../../src/errors.ts';
import { type Answer, hangUp, json, scriptedServer } from './scripted-server.ts';

const event = (id: string, type: JobEvent['type'] | 'novelty', data: object) => ({
  id,
  type,
  data: { at: '2026-01-01T00:00:00.000Z', ...data },
});
const frame = (entry: ReturnType<typeof event>) =>
  `id: ${entry.id}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry.data)}\n\n`;
const running = event('1-0', 'status', { status: 'running' });
const progress = event('2-0', 'progress', { iteration: 1 });
const done = event('3-0', 'status', { status: 'succeeded' });
const over = json(200, { id: 'job_1', status: 'succeeded' });

const stream =
  (entries: readonly ReturnType<typeof event>[], end: 'close' | 'break'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(entries.map(frame).join(''), () => (end === 'close' ? response.end() : response.destroy()));
  };

async function collect(events: AsyncIterable<JobEvent>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of events) ids.push(id);
  return ids;
}

test('events go on after the last one when the connection breaks, each once', async () => {
  const { client, seen } = await scriptedServer([
    stream([running, progress], 'break'),
    hangUp,
    stream([done], 'close'),
    over,
  ]);
  assert.deepEqual(await collect(client.events('job_1')), ['1-0', '2-0', '3-0']);
  assert.deepEqual(
    seen.map(({ headers }) => headers['last-event-id']),
    [undefined, '2-0', '2-0', undefined],
  );
  assert.equal(seen[0]?.headers.accept, 'text/event-stream');
});

test('events end with the status that ends the job, though the server keeps the connection', async () => {
  const open: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame(done));
  };
  const { client } = await scriptedServer([open, over]);
  assert.deepEqual(await collect(client.events('job_1', { after: '2-0' })), ['3-0']);
});

test('events of a job that has finished and has no more end at once', async () => {
  const { client, seen } = await scriptedServer([stream([], 'close'), json(200, { id: 'job_1', status: 'cancelled' })]);
  assert.deepEqual(await collect(client.events('job_1', { after: '3-0' })), []);
  assert.equal(seen.length, 2);
});

test('an event carries its type, its time and its data', async () => {
  const { client } = await scriptedServer([stream([done], 'close'), over]);
  const { value } = await client.events('job_1').next();
  assert.deepEqual(value, { id: '3-0', type: 'status', at: '2026-01-01T00:00:00.000Z', data: { status: 'succeeded' } });
});

test('the end of an attempt before a retry is not the end', async () => {
  const failed = event('2-0', 'status', { status: 'failed' });
  const { client } = await scriptedServer([
    stream([running, failed, done], 'close'),
    json(200, { status: 'running' }),
    over,
  ]);
  assert.deepEqual(await collect(client.events('job_1')), ['1-0', '2-0', '3-0']);
});

test('events of a type that a later version adds are passed over', async () => {
  const { client } = await scriptedServer([stream([event('1-0', 'novelty', {}), done], 'close'), over]);
  assert.deepEqual(await collect(client.events('job_1')), ['3-0']);
});

test('a stream that breaks again and again is an error', async () => {
  const { client } = await scriptedServer([stream([], 'break')], 1);
  await assert.rejects(
    collect(client.events('job_1')),
    (error) => error instanceof AppError && error.code === 'SERVICE_UNREACHABLE',
  );
});
