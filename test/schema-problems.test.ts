import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { schemaProblems } from '../src/schema-problems.ts';

const schema = Type.Object(
  {
    mode: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal(3)])),
    bound: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.Null()])),
    shape: Type.Optional(Type.Union([Type.Literal('a'), Type.Object({ size: Type.Integer() })])),
  },
  { additionalProperties: false },
);

const table: readonly [title: string, value: unknown, pointer: string, message: string][] = [
  ['a union of constants is told as one list', { mode: 'c' }, '/mode', 'must be one of a, b, 3, got "c"'],
  ['a number out of range in a union with null', { bound: -1 }, '/bound', 'must be >= 0, got -1'],
  [
    'a wrong property of the alternative that was meant',
    { shape: { size: 'x' } },
    '/shape/size',
    'must be integer, got "x"',
  ],
  ['an unknown property', { sise: 1 }, '/sise', 'is unknown; known are mode, bound, shape'],
  ['a name that a pointer escapes', { 'a/b': 1 }, '/a~1b', 'is unknown; known are mode, bound, shape'],
];
for (const [title, value, pointer, message] of table) {
  test(title, () => assert.deepEqual(schemaProblems(schema, value), [{ pointer, message }]));
}

test('a valid value has no problems', () => {
  assert.deepEqual(schemaProblems(schema, { mode: 3, bound: null, shape: { size: 1 } }), []);
});

test('problems of several places are told together', () => {
  assert.deepEqual(
    schemaProblems(schema, { mode: 'c', bound: -1 })
      .map(({ pointer }) => pointer)
      .sort(),
    ['/bound', '/mode'],
  );
});
