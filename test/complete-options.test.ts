import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { completeOptions } from '../src/complete-options.ts';
import { lossSpecs } from '../src/engine/losses/specs.ts';
import { methods } from '../src/engine/methods/index.ts';
import type { AppError } from '../src/errors.ts';
import { zoo } from '../src/models/zoo/index.ts';

const schema = Type.Object(
  {
    rate: Type.Number({ exclusiveMinimum: 0, default: 0.5 }),
    shape: Type.Optional(Type.Array(Type.Integer(), { maxItems: 4 })),
    nested: Type.Object(
      { depth: Type.Integer({ default: 2 }) },
      { default: { depth: 2 }, additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
const place = { owner: 'method "x"', pointer: '/method/options' };

test('defaults are filled in, those of inner objects too', () => {
  assert.deepEqual(completeOptions(schema, {}, place), { rate: 0.5, nested: { depth: 2 } });
  assert.deepEqual(completeOptions(schema, { rate: 1, nested: {} }, place), { rate: 1, nested: { depth: 2 } });
});

test('what is given stays as it was, and defaults are not shared between calls', () => {
  const given = { nested: {}, shape: [1] };
  completeOptions(schema, given, place);
  assert.deepEqual(given, { nested: {}, shape: [1] });
  const first = completeOptions(schema, {}, place);
  first.nested.depth = 7;
  assert.equal(completeOptions(schema, {}, place).nested.depth, 2);
});

const refused: readonly [title: string, given: unknown, pointers: string[], message: RegExp][] = [
  ['no object', null, ['/method/options'], /^method "x": the options must be an object, got null$/],
  ['an unknown option', { rat: 1 }, ['/method/options/rat'], /^method "x": rat is unknown; known are rate/],
  [
    'two wrong options',
    { rate: 0, shape: 'x' },
    ['/method/options/rate', '/method/options/shape'],
    /rate must be > 0, got 0; shape/,
  ],
  ['a long list', { shape: Array(1e5).fill(1) }, ['/method/options/shape'], /not have more than 4 items, got 100000/],
  ['nested lists', { shape: [[[[[[1]]]]]] }, ['/method/options/shape'], /nested more than 4 levels deep/],
];
for (const [title, given, pointers, message] of refused) {
  test(`${title}: one error with every place`, () => {
    assert.throws(
      () => completeOptions(schema, given, place),
      (error: AppError) => {
        assert.equal(error.code, 'OPTION_INVALID');
        assert.match(error.message, message);
        assert.deepEqual(error.problems.map(({ pointer }) => pointer).sort(), pointers);
        return true;
      },
    );
  });
}

test('a place may have a code of its own', () => {
  assert.throws(() => completeOptions(schema, [], { ...place, code: 'INVALID_INPUT' }), { code: 'INVALID_INPUT' });
});

const registered = [...Object.values(methods), ...Object.values(lossSpecs), ...Object.values(zoo)];
for (const { name, options } of registered) {
  test(`${name}: every option has a default or may be left out`, () => {
    assert.doesNotThrow(() => completeOptions(options, {}, { owner: name, pointer: '' }));
  });
}
