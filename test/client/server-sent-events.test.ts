import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerSentEvents, type ServerSentEvent } from '../../src/client/server-sent-events.ts';

async function parse(chunks: readonly string[]): Promise<ServerSentEvent[]> {
  async function* bytes() {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const events: ServerSentEvent[] = [];
  for await (const event of parseServerSentEvents(bytes())) events.push(event);
  return events;
}

const rows: { title: string; text: string; expected: ServerSentEvent[] }[] = [
  {
    title: 'one event',
    text: 'id: 1-0\nevent: status\ndata: {}\n\n',
    expected: [{ id: '1-0', event: 'status', data: '{}' }],
  },
  {
    title: 'data on several lines',
    text: 'data: a\ndata:b\n\n',
    expected: [{ id: '', event: 'message', data: 'a\nb' }],
  },
  { title: 'comments keep the connection open and give nothing', text: ': hello\n\n:\n\n', expected: [] },
  {
    title: 'an id stays until the next',
    text: 'id: 5\ndata: a\n\ndata: b\n\n',
    expected: [
      { id: '5', event: 'message', data: 'a' },
      { id: '5', event: 'message', data: 'b' },
    ],
  },
  {
    title: 'CRLF and CR end lines',
    text: 'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
    expected: ['a', 'b', 'c'].map((data) => ({ id: '', event: 'message', data })),
  },
  {
    title: 'an unfinished event is dropped',
    text: 'data: a\n\ndata: half',
    expected: [{ id: '', event: 'message', data: 'a' }],
  },
  {
    title: 'characters of several bytes',
    text: 'data: größe α\n\n',
    expected: [{ id: '', event: 'message', data: 'größe α' }],
  },
];

for (const { title, text, expected } of rows) {
  test(`server-sent events: ${title}`, async () => {
    assert.deepEqual(await parse([text]), expected);
  });
  test(`server-sent events, a character at a time: ${title}`, async () => {
    assert.deepEqual(await parse([...text]), expected);
  });
}
