import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { pointerTo, schemaProblems } from '../src/schema-problems.ts';

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

const strict = { additionalProperties: false };
const point = Type.Object({ x: Type.Number(), y: Type.Number() }, strict);
const figure = Type.Union([
  Type.Object({ kind: Type.Literal('circle'), radius: Type.Number({ exclusiveMinimum: 0 }) }, strict),
  Type.Object({ kind: Type.Literal('box'), width: Type.Number(), height: Type.Number() }, strict),
]);
const colour = Type.Union([
  Type.Enum(['red', 'blue']),
  Type.Object({ rgb: Type.Array(Type.Integer(), { minItems: 3 }) }, strict),
]);

const rows: readonly { title: string; schema: TSchema; value: unknown; expected: readonly [string, RegExp][] }[] = [
  { title: 'a valid value', schema: point, value: { x: 1, y: 2 }, expected: [] },
  { title: 'a missing property', schema: point, value: { x: 1 }, expected: [['/y', /^is missing$/]] },
  {
    title: 'all missing properties',
    schema: point,
    value: {},
    expected: [
      ['/x', /missing/],
      ['/y', /missing/],
    ],
  },
  {
    title: 'an unknown property',
    schema: point,
    value: { x: 1, y: 2, z: 3 },
    expected: [['/z', /^is unknown; known are x, y$/]],
  },
  {
    title: 'a value of another type',
    schema: point,
    value: { x: '1', y: 2 },
    expected: [['/x', /^must be number, got "1"$/]],
  },
  { title: 'no object at all', schema: point, value: [], expected: [['', /must be object, got a list/]] },
  {
    title: 'a value outside of its range',
    schema: Type.Integer({ minimum: 3 }),
    value: 2,
    expected: [['', /must be >= 3, got 2/]],
  },
  {
    title: 'a name that is none of the known',
    schema: Type.Enum(['a', 'b']),
    value: 'c',
    expected: [['', /^must be one of a, b, got "c"$/]],
  },
  {
    title: 'names with slashes',
    schema: Type.Record(Type.String(), Type.Number()),
    value: { 'a/b~c': 'x' },
    expected: [['/a~1b~0c', /must be number/]],
  },
  {
    title: 'one wrong property of one alternative',
    schema: figure,
    value: { kind: 'box', width: 1 },
    expected: [['/height', /missing/]],
  },
  {
    title: 'a wrong number in an alternative',
    schema: figure,
    value: { kind: 'circle', radius: 0 },
    expected: [['/radius', /must be > 0/]],
  },
  {
    title: 'an unknown property of an alternative',
    schema: figure,
    value: { kind: 'circle', radius: 1, colour: 1 },
    expected: [['/colour', /unknown; known are kind, radius/]],
  },
  {
    title: 'a name where a name or an object may stand',
    schema: colour,
    value: 'green',
    expected: [['', /one of red, blue, got "green"/]],
  },
  {
    title: 'an object where a name or an object may stand',
    schema: colour,
    value: { rgb: [1] },
    expected: [['/rgb', /fewer than 3/]],
  },
  {
    title: 'a union inside an object',
    schema: Type.Object({ shape: figure, colour }, strict),
    value: { shape: { kind: 'circle' }, colour: 'red' },
    expected: [['/shape/radius', /missing/]],
  },
];
for (const { title, schema, value, expected } of rows) {
  test(`${title} is explained by ${expected.length} lines`, () => {
    const problems = schemaProblems(schema, value);
    assert.deepEqual(
      problems.map(({ pointer }) => pointer),
      expected.map(([pointer]) => pointer),
    );
    for (const [index, [, says]] of expected.entries()) assert.match(problems[index]?.message ?? '', says);
  });
}

test('a pointer escapes what stands for its own signs', () => {
  assert.equal(pointerTo('a/b', 0, '~'), '/a~1b/0/~0');
});
