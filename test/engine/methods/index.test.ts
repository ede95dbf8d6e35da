import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, methodNames, methods } from '../../../src/engine/methods/index.ts';
import type { InitMethod } from '../../../src/engine/methods/method.ts';
import { AppError } from '../../../src/errors.ts';

const registered: readonly InitMethod[] = methodNames.map((name) => methods[name]);

for (const name of ['', 'GradInit', 'adam', 'valueOf', 'toString', 'constructor', '__proto__', 'hasOwnProperty']) {
  test(`the name "${name}" is no method`, () => {
    assert.throws(
      () => configureMethod(name),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'METHOD_UNKNOWN');
        assert.ok(error.message.includes(`"${name}"`) && error.message.includes('gradinit'));
        assert.deepEqual(
          error.problems.map(({ pointer }) => pointer),
          ['/method/name'],
        );
        return true;
      },
    );
  });
}

/** [options of gradinit, pointer of the violation] */
const refused: readonly [options: string, pointer: string, message: RegExp][] = [
  ['{"iteration":5}', '/method/options/iteration', /iteration/],
  ['{"__proto__":{"iterations":5}}', '/method/options/__proto__', /__proto__/],
  ['{"constructor":1}', '/method/options/constructor', /constructor/],
  ['{"valueOf":1}', '/method/options/valueOf', /valueOf/],
  ['{"iterations":0}', '/method/options/iterations', /iterations/],
  ['{"iterations":2.5}', '/method/options/iterations', /iterations/],
  ['{"iterations":"5"}', '/method/options/iterations', /iterations/],
  ['{"iterations":null}', '/method/options/iterations', /iterations/],
  ['{"iterations":1e12}', '/method/options/iterations', /iterations/],
  ['{"batchSize":1}', '/method/options/batchSize', /batchSize/],
  ['{"eta":-1}', '/method/options/eta', /eta/],
  ['{"gamma":0}', '/method/options/gamma', /gamma/],
  ['{"beta1":1}', '/method/options/beta1', /beta1/],
  ['{"optimizer":"valueOf"}', '/method/options/optimizer', /optimizer/],
  ['{"learningRate":[]}', '/method/options/learningRate', /learningRate/],
];
for (const [text, pointer, message] of refused) {
  test(`gradinit with ${text} is refused at ${pointer}`, () => {
    assert.throws(
      () => configureMethod('gradinit', JSON.parse(text)),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'OPTION_INVALID', error.message);
        assert.match(error.message, message);
        const pointers = error.problems.map((each) => each.pointer);
        assert.ok(pointers.includes(pointer), pointers.join(' '));
        return true;
      },
    );
  });
}

test('every violation is told at once', () => {
  assert.throws(
    () => configureMethod('gradinit', { eta: -1, unknown: 1, iterations: 0 }),
    (error) => {
      const pointers = (error as AppError).problems.map(({ pointer }) => pointer);
      assert.deepEqual(pointers.sort(), [
        '/method/options/eta',
        '/method/options/iterations',
        '/method/options/unknown',
      ]);
      return true;
    },
  );
});

for (const options of [Number.NaN, Infinity]) {
  test(`a learning rate of ${options} is refused`, () => {
    assert.throws(() => configureMethod('gradinit', { learningRate: options }), { code: 'OPTION_INVALID' });
  });
}

test('options get their defaults, and the given object is left alone', () => {
  const given = Object.freeze({ iterations: 7 });
  const { options } = configureMethod('gradinit', given);
  assert.equal(options.iterations, 7);
  assert.equal(options.batchSize, 128);
  assert.deepEqual(given, { iterations: 7 });
});

for (const method of registered) {
  test(`${method.name} is catalogued: name, summary, reference, every option described and complete by default`, () => {
    assert.equal(methods[method.name as keyof typeof methods], method);
    assert.match(method.summary, /\.$/);
    assert.match(method.reference, /\d{4}/);
    const schema = method.options as {
      properties?: Record<string, { description?: string }>;
      additionalProperties?: boolean;
    };
    assert.equal(schema.additionalProperties, false);
    for (const [option, { description }] of Object.entries(schema.properties ?? {}))
      assert.ok(description, `${option} has no description`);
    const { options } = configureMethod(method.name);
    assert.deepEqual(configureMethod(method.name, options).options, options, 'defaults are valid');
  });
}
