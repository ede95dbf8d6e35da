import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody } from '../../../src/jobs/inspect/read-body.ts';

const read = (text: string) => readBody(Buffer.from(text));
const big = 300 * 1024;

test('an empty body is nothing, a byte order mark is passed over', () => {
  assert.equal(read(' \n'), undefined);
  assert.deepEqual(read('\uFEFF{"a":1}'), { a: 1 });
});

test('a topology may be as large as it likes, the rest may not', () => {
  const topology = { class_name: 'x'.repeat(big) };
  assert.deepEqual(read(JSON.stringify({ model: { topology } })), { model: { topology: JSON.stringify(topology) } });
  assert.throws(() => read(JSON.stringify({ model: { topology }, metadata: { k: 'x'.repeat(big) } })), {
    code: 'REQUEST_TOO_LARGE',
    message: /beside its topologies, 262144 are taken/,
  });
});

const refused: readonly [title: string, body: Buffer][] = [
  ['no JSON', Buffer.from('{"a":')],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ['a prototype', Buffer.from('{"a":{"__proto__":{}}}')],
  ['1,011 levels', Buffer.from(`${'['.repeat(1011)}${']'.repeat(1011)}`)],
];
for (const [title, body] of refused) {
  test(`${title} is refused`, () => assert.throws(() => readBody(body), { code: 'REQUEST_MALFORMED' }));
}

test('brackets in texts are no levels', () => {
  const text = '["'.concat('['.repeat(2000), '"]');
  assert.deepEqual(read(text), ['['.repeat(2000)]);
});
