import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkJson, parseJson } from '../../src/models/parse-json.ts';

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

describe('topology JSON', () => {
  it('may be nested 1000 levels deep', () => {
    assert.doesNotThrow(() => parseJson(nested(1000)));
  });

  for (const [what, text] of [
    ['1001 lists', nested(1001)],
    ['100,000 lists', nested(100_000)],
    ['100,000 objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['100,000 lists that never close', '['.repeat(100_000)],
    ['100,000 lists in a text inside the JSON', JSON.stringify(nested(100_000))],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseJson(text), {
        code: 'MODEL_MALFORMED',
        message: 'the topology is nested deeper than 1000 levels',
      });
    });
  }

  it('is refused when a parsed value is nested 100,000 levels deep', () => {
    let value: unknown = 1;
    for (let level = 0; level < 100_000; level++) value = { value };
    assert.throws(() => checkJson(value), { code: 'MODEL_MALFORMED', message: /deeper than 1000 levels/ });
  });

  it('does not count brackets inside texts', () => {
    const text = JSON.stringify({ name: `${'['.repeat(5000)}"\\"${'{'.repeat(5000)}` });
    assert.doesNotThrow(() => parseJson(text));
  });

  it('is read through a byte order mark and through one more layer of JSON', () => {
    assert.deepEqual(parseJson('\uFEFF{"a":1}'), { a: 1 });
    assert.deepEqual(parseJson(JSON.stringify('{"a":1}')), { a: 1 });
  });

  for (const key of ['__proto__', 'constructor']) {
    it(`is refused with the key ${key}, at any depth`, () => {
      assert.throws(() => parseJson(`{"config":[{"${key}":{"units":3}}]}`), {
        code: 'MODEL_MALFORMED',
        message: new RegExp(key),
      });
    });
  }

  for (const text of ['', '{', '{"a":NaN}', "{'a':1}", '<html>']) {
    it(`is refused when it is ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseJson(text), { code: 'MODEL_MALFORMED', message: /the topology is not JSON: / });
    });
  }

  it('is refused beyond the limit of bytes', () => {
    assert.throws(() => parseJson('"ääää"', { maxBytes: 9 }), {
      code: 'MODEL_TOO_LARGE',
      message: /has 10 bytes, at most 9/,
    });
  });
});
