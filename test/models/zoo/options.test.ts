import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../src/errors.ts';
import { buildZooModel, zoo, zooModel } from '../../../src/models/zoo/index.ts';

const refused: { name: string; options: unknown; pointer: string; says: RegExp }[] = [
  { name: 'vgg', options: { depth: 12 }, pointer: '/depth', says: /one of 11, 13, 16, 19, got 12/ },
  { name: 'vgg', options: { inputShape: [28, 28, 1] }, pointer: '/inputShape', says: /at least 32 x 32/ },
  { name: 'vgg', options: { inputShape: [32, 32] }, pointer: '/inputShape', says: /got \[32,32\]/ },
  { name: 'vgg', options: { inputShape: [32, 0, 3] }, pointer: '/inputShape/1', says: /got 0/ },
  { name: 'vgg', options: { widths: [[16], [0]] }, pointer: '/widths/1/0', says: /got 0/ },
  { name: 'vgg', options: { widths: [[]] }, pointer: '/widths/0', says: /got \[\]/ },
  { name: 'vgg', options: { colour: 'red' }, pointer: '/colour', says: /unknown; known are depth, batchNorm/ },
  { name: 'vgg', options: JSON.parse('{"__proto__":{"depth":11}}'), pointer: '/__proto__', says: /unknown/ },
  { name: 'vgg', options: { constructor: 1 }, pointer: '/constructor', says: /unknown/ },
  { name: 'vgg', options: { 'a/b~c': 1 }, pointer: '/a~1b~0c', says: /unknown/ },
  { name: 'vgg', options: null, pointer: '', says: /must be an object, got null/ },
  { name: 'vgg', options: [], pointer: '', says: /must be an object/ },
  { name: 'resnet', options: { depth: 21 }, pointer: '/depth', says: /6n \+ 2 .*got 21; the nearest is 20/ },
  { name: 'resnet', options: { depth: 1208 }, pointer: '/depth', says: /1202, got 1208/ },
  { name: 'resnet', options: { depth: '20' }, pointer: '/depth', says: /integer, got "20"/ },
  { name: 'resnet', options: { batchNorm: 'yes' }, pointer: '/batchNorm', says: /boolean, got "yes"/ },
  { name: 'resnet', options: { classes: 1e12 }, pointer: '/classes', says: /got 1000000000000/ },
  { name: 'wide-resnet', options: { depth: 20 }, pointer: '/depth', says: /6n \+ 4/ },
  { name: 'densenet-bc', options: { depth: 99 }, pointer: '/depth', says: /6n \+ 4/ },
  { name: 'densenet-bc', options: { inputShape: [3, 9, 1] }, pointer: '/inputShape', says: /at least 4 x 4/ },
  { name: 'densenet-bc', options: { compression: 0 }, pointer: '/compression', says: /got 0/ },
  { name: 'small-cnn', options: { inputShape: [1, 8, 1] }, pointer: '/inputShape', says: /at least 2 x 2/ },
  { name: 'mlp', options: { activation: 'valueOf' }, pointer: '/activation', says: /got "valueOf"/ },
  { name: 'mlp', options: { sizes: 5 }, pointer: '/sizes', says: /array, got 5/ },
  { name: 'transformer', options: { heads: 3 }, pointer: '/heads', says: /divide width, got 3 for width 512/ },
  { name: 'transformer-classifier', options: { length: 0 }, pointer: '/length', says: /got 0/ },
];

for (const { name, options, pointer, says } of refused) {
  test(`${name} refuses ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => buildZooModel(name, options),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'OPTION_INVALID');
        assert.match(error.message, says);
        assert.match(error.message, new RegExp(`zoo model "${name}"`));
        const pointers = error.problems.map((problem) => problem.pointer);
        assert.ok(pointers.includes(pointer), `${pointers}`);
        return true;
      },
    );
  });
}

test('two wrong options are both named', () => {
  assert.throws(() => buildZooModel('resnet', { depth: 4, classes: 0 }), /depth must .*; classes must /);
});

test('ten thousand nested arrays in an option are refused, not a crash', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  assert.throws(() => buildZooModel('vgg', JSON.parse(`{"inputShape":${deep}}`)), { code: 'OPTION_INVALID' });
});

for (const name of ['lenet', 'VGG', 'constructor', '__proto__', 'toString', '']) {
  test(`the name "${name}" is unknown and the known ones are told`, () => {
    assert.throws(() => buildZooModel(name), { code: 'ZOO_UNKNOWN', message: /known are vgg, resnet/ });
  });
}

for (const name of Object.keys(zoo)) {
  test(`${name} needs no option, fills in every default and leaves its input alone`, () => {
    const model = zooModel(name);
    const given = {};
    const resolved = model.resolve(given);
    assert.deepEqual(given, {});
    assert.deepEqual(model.resolve(resolved), resolved);
    assert.deepEqual(model.build(resolved), model.build());
    for (const [option, value] of Object.entries(model.resolve())) {
      if (typeof value === 'object') assert.notEqual(value, resolved[option], `${option} is one array for all callers`);
    }
    for (const [option, schema] of Object.entries(model.options.properties)) {
      const { default: fallback } = schema as { default?: unknown };
      assert.deepEqual(resolved[option], fallback, option);
    }
    assert.equal(model.name, name);
    assert.ok(model.summary.length > 20 && model.reference.length > 0);
  });
}

test('no part of a topology is shared with another topology or with itself', () => {
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    assert.ok(!seen.has(value), `shared: ${JSON.stringify(value).slice(0, 80)}`);
    seen.add(value);
    Object.values(value).forEach(visit);
  };
  visit(buildZooModel('resnet'));
  visit(buildZooModel('wide-resnet'));
  visit(buildZooModel('wide-resnet', { inputShape: [32, 32, 3] }));
});
