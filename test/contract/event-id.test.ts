import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAfter, parseEventId } from '../../src/contract/event-id.ts';

const parsed = [
  ['0-1', '0-1'],
  ['17', '17-0'],
  ['007-010', '7-10'],
  ['9223372036854775807-9223372036854775807', '9223372036854775807-9223372036854775807'],
  ['9223372036854775808', null],
  ['1-9223372036854775808', null],
  ['99999999999999999999', null],
  ['999999999999999999999', null],
  ['', null],
  ['-1', null],
  ['1-', null],
  ['1-2-3', null],
  ['1e3', null],
  ['$', null],
] as const;

for (const [text, id] of parsed)
  test(`"${text}" is ${id === null ? 'no event id' : `the event id ${id}`}`, () =>
    assert.equal(parseEventId(text), id));

test('ids are ordered as pairs of numbers, exactly', () => {
  const ordered = ['0-0', '0-1', '9-0', '10-0', '10-9', '10-10', '9007199254740992-0', '9007199254740993-0'];
  for (const [at, id] of ordered.entries())
    for (const [index, other] of ordered.entries()) assert.equal(isAfter(id, other), at > index, `${id} ${other}`);
});
