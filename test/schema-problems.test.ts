import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { pointerTo } from '../src/pointer.ts';
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
  { title: 'no object at all', schema: point, value: [], expected: [['', /must be object, got \[\]/]] },
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

const many = (count: number, name: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), 1]));
const label = Type.Object({ label: Type.String({ maxLength: 10 }) }, strict);
const bounded = Type.Object(
  {
    list: Type.Optional(Type.Array(Type.Enum(['a', 'b']), { maxItems: 8, uniqueItems: true })),
    open: Type.Optional(Type.Array(Type.Integer())),
    record: Type.Optional(Type.Record(Type.String(), Type.Integer(), { maxProperties: 3 })),
    rows: Type.Optional(Type.Array(Type.Union([Type.String(), label]))),
  },
  strict,
);

/** A list that counts how often its items are read. */
function counted(items: readonly unknown[]) {
  const seen = { reads: 0 };
  const list = new Proxy([...items], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) seen.reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  return { list, seen };
}

test('of a list that is too long the length is told and no item is read', () => {
  const { list, seen } = counted(Array.from({ length: 20_000 }, () => 'a'));
  assert.deepEqual(schemaProblems(bounded, { list }), [
    { pointer: '/list', message: 'must not have more than 8 items, got 20000' },
  ]);
  assert.equal(seen.reads, 0);
});

test('items of a list are read a fixed number of times, however many are wrong', () => {
  const readsOf = (count: number) => {
    const { list, seen } = counted(Array.from({ length: count }, () => 'x'));
    schemaProblems(bounded, { open: list });
    return seen.reads;
  };
  const [some, tenTimes] = [readsOf(1000), readsOf(10_000)];
  assert.ok(tenTimes <= 11 * some, `${some} reads of 1,000 items, ${tenTimes} of 10,000`);
});

test('wrong items beyond twenty are counted', () => {
  const problems = schemaProblems(bounded, { open: Array.from({ length: 60 }, () => 'x') });
  assert.equal(problems.length, 21);
  assert.deepEqual(problems.at(-1), { pointer: '', message: 'and 40 more problems' });
});

test('of 500,000 unknown fields five are named and the others are counted', () => {
  const problems = schemaProblems(
    bounded,
    many(500_000, (index) => `field${index}`),
  );
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/field0', '/field1', '/field2', '/field3', '/field4', ''],
  );
  assert.equal(problems.at(-1)?.message, 'has 499995 more unknown fields');
});

test('unknown fields of an alternative are counted too', () => {
  const problems = schemaProblems(bounded, { rows: ['x', { label: 'y', ...many(10, (index) => `x${index}`) }] });
  assert.equal(problems[0]?.pointer, '/rows/1/x0');
  assert.equal(problems.at(-1)?.message, 'has 5 more unknown fields');
});

test('a record with too many fields, and a text that is far too long, are told by their size', () => {
  const value = { record: many(4, (index) => `k${index}`), rows: [{ label: 'x'.repeat(1e6) }] };
  assert.deepEqual(schemaProblems(bounded, value), [
    { pointer: '/record', message: 'must not have more than 3 fields, got 4' },
    { pointer: '/rows/0/label', message: 'must not have more than 10 characters, got 1000000' },
  ]);
});

test('every item of a list of alternatives is explained by the alternative that it means', () => {
  const problems = schemaProblems(bounded, { rows: [1, { label: 'longer than ten' }, { x: 1 }] });
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/rows/0', '/rows/1/label', '/rows/2/label', '/rows/2/x'],
  );
});

test('a name of a megabyte makes no pointer of a megabyte', () => {
  const [problem] = schemaProblems(bounded, { ['x'.repeat(1e6)]: 1 });
  assert.equal(problem?.pointer.length, 101);
});
