import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const fixture = (name: string) => path.resolve(import.meta.dirname, '../fixtures/datasets', name);
const write = (name: string, arrays: Readonly<Record<string, NDArray>>) =>
  folder.write(name, Buffer.concat([...encodeNpz(new Map(Object.entries(arrays)))]));
const floats = (shape: number[], ...values: number[]) => ndarray('float32', shape, Float32Array.from(values));
const ints = (shape: number[], ...values: number[]) => ndarray('int32', shape, Int32Array.from(values));

test('x and y of numpy.savez are features and classes', async () => {
  const dataset = await openDataset(fixture('features.npz'));
  assert.deepEqual(
    [dataset.format, dataset.size, dataset.inputShapes, dataset.inputDtypes],
    ['npz', 6, [[4]], ['float32']],
  );
  assert.deepEqual(dataset.targets, { kind: 'classes', classes: 3 });
  const { inputs, targets } = dataset.gather([5, 1]);
  assert.deepEqual([...(inputs[0]?.data ?? [])], [20, 21, 22, 23, 4, 5, 6, 7]);
  assert.deepEqual(targets, { dtype: 'int32', shape: [2], data: Int32Array.of(2, 1) });
});

test('x_train and x_test are the two parts, bytes are images', async () => {
  const training = await openDataset(fixture('images-uint8.npz'), { normalize: 'unit' });
  assert.deepEqual([training.size, training.inputShapes], [6, [[2, 2, 1]]]);
  assert.deepEqual(
    training.gather([1]).inputs[0]?.data,
    Float32Array.of(4, 5, 6, 7).map((value) => value / 255),
  );
  assert.equal((await openDataset(fixture('images-uint8.npz'), { part: 'test' })).size, 2);
});

test('x0, x1, ... are several inputs, integers among them ids', async () => {
  const dataset = await openDataset(fixture('two-inputs.npz'));
  assert.deepEqual(dataset.inputNames, ['x0', 'x1']);
  assert.deepEqual(
    [dataset.inputShapes, dataset.inputDtypes],
    [
      [[4], [2]],
      ['int32', 'float32'],
    ],
  );
  assert.deepEqual([dataset.maxOf(0), dataset.maxOf(1)], [6, 21]);
  const { inputs } = dataset.gather([2]);
  assert.deepEqual(
    inputs.map(({ data }) => [...data]),
    [
      [1, 2, 3, 4],
      [8, 9],
    ],
  );
});

test('without known names everything but the targets is an input, or what the options name', async () => {
  assert.deepEqual((await openDataset(fixture('named-inputs.npz'))).inputNames, ['tokens', 'side']);
  const chosen = await openDataset(fixture('named-inputs.npz'), { inputs: ['side'], target: 'labels' });
  assert.deepEqual(chosen.inputNames, ['side']);
});

test('images stored channels first come out channels last', async () => {
  const options = { layout: 'channels-first', normalize: 'none' } as const;
  const dataset = await openDataset(fixture('channels-first.npz'), options);
  assert.deepEqual(dataset.inputShapes, [[2, 2, 3]]);
  assert.deepEqual([...(dataset.gather([0]).inputs[0]?.data ?? [])], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
});

test('flat samples take the shape of the options before their axes are ordered', async () => {
  const file = write('flat.npz', {
    x: ndarray(
      'uint8',
      [2, 12],
      Uint8Array.from({ length: 24 }, (_, i) => i),
    ),
    y: ints([2], 0, 1),
  });
  const dataset = await openDataset(file, { shape: [3, 2, 2], layout: 'channels-first', normalize: 'none' });
  assert.deepEqual([...(dataset.gather([0]).inputs[0]?.data ?? [])], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  await refuses(
    () => openDataset(file, { shape: [5, 2] }),
    'DATASET_SHAPE_MISMATCH',
    /\[5,2\] has 10 elements.*\[12\] with 12/,
  );
});

test('targets: one-hot rows are classes, other floats are values, unless the options say so', async () => {
  const oneHot = await openDataset(fixture('one-hot.npz'));
  assert.deepEqual(oneHot.targets, { kind: 'classes', classes: 3 });
  assert.deepEqual([...oneHot.gather([1, 5]).targets.data], [1, 2]);
  const kept = await openDataset(fixture('one-hot.npz'), { targets: 'values' });
  assert.deepEqual(kept.targets, { kind: 'values', shape: [3] });
  assert.deepEqual(kept.gather([1]).targets, { dtype: 'float32', shape: [1, 3], data: Float32Array.of(0, 1, 0) });
  const regression = await openDataset(fixture('regression.npz'));
  assert.deepEqual(regression.targets, { kind: 'values', shape: [] });
  assert.deepEqual(regression.gather([2, 1]).targets, { dtype: 'float32', shape: [2], data: Float32Array.of(1, 0.5) });
  const whole = write('whole.npz', { x: floats([3, 1], 1, 2, 3), y: floats([3], 0, 1, 2) });
  assert.equal((await openDataset(whole)).classes, null);
  assert.equal((await openDataset(whole, { targets: 'classes' })).classes, 3);
  assert.equal((await openDataset(whole, { targets: 'classes', classes: 5 })).classes, 5);
});

const x = floats([3, 2], 1, 2, 3, 4, 5, 6);
const y = ints([3], 0, 1, 0);
const refused: [string, Record<string, NDArray>, DatasetOptions, ErrorCode, RegExp][] = [
  [
    'NaN in x',
    { x: floats([3, 2], 1, 2, 3, 4, 5, Number.NaN), y },
    {},
    'DATASET_INVALID',
    /"x": sample 2, element 1 is NaN/,
  ],
  [
    'infinity in the targets',
    { x, y: floats([3], 1, Number.NEGATIVE_INFINITY, 2) },
    {},
    'DATASET_INVALID',
    /"y": sample 1 is -Infinity/,
  ],
  [
    'a label beyond the classes',
    { x, y: ints([3], 0, 7, 1) },
    { classes: 5 },
    'DATASET_INVALID',
    /sample 1: label 7 is outside 0\.\.4/,
  ],
  ['a fraction as label', { x, y: floats([3], 0, 0.5, 1) }, { targets: 'classes' }, 'DATASET_INVALID', /label 0.5/],
  ['a single class', { x, y: ints([3], 2, 2, 2) }, {}, 'DATASET_INVALID', /all 3 labels of "y" are 2/],
  ['nothing in it', { x: floats([0, 2]), y: ints([0]) }, {}, 'DATASET_INVALID', /holds no samples/],
  [
    'fewer targets than samples',
    { x, y: ints([2], 0, 1) },
    {},
    'DATASET_MALFORMED',
    /"x" holds 3 samples, "y" holds 2/,
  ],
  ['no targets', { x }, {}, 'DATASET_AMBIGUOUS', /no array is called y.*found "x"/],
  ['no inputs', { y }, {}, 'DATASET_AMBIGUOUS', /no inputs/],
  ['an array that is not there', { x, y }, { inputs: ['z'] }, 'INVALID_INPUT', /no array "z"; found "x", "y"/],
  ['a scalar', { x: floats([], 1), y }, {}, 'DATASET_MALFORMED', /"x" has no sample axis/],
];
for (const [title, arrays, options, code, message] of refused) {
  test(`${title} is refused`, () => refuses(() => openDataset(write('bad.npz', arrays), options), code, message));
}

test('all arrays together count against the limit', () =>
  refuses(() => openDataset(fixture('two-inputs.npz'), {}, { maxBytes: 120 }), 'DATASET_TOO_LARGE', /x1/));
