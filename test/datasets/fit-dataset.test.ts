import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { fitDataset, openDataset } from '../../src/datasets/index.ts';
import { parseModel } from '../../src/models/index.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const write = (name: string, arrays: Readonly<Record<string, NDArray>>) =>
  folder.write(name, Buffer.concat([...encodeNpz(new Map(Object.entries(arrays)))]));
const y = ndarray('int32', [2], Int32Array.of(0, 1));

const input = (name: string, shape: readonly (number | null)[], dtype = 'float32') => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: [null, ...shape], dtype },
  inbound_nodes: [],
});

/** A model that flattens each of its inputs and joins them. */
function modelOf(inputs: readonly ReturnType<typeof input>[]) {
  const flat = inputs.map(({ name }) => ({
    class_name: 'Flatten',
    name: `flat_${name}`,
    config: { name: `flat_${name}` },
    inbound_nodes: [[[name, 0, 0, {}]]],
  }));
  const outputs = flat.map(({ name }) => [name, 0, 0]);
  const config = {
    name: 'm',
    layers: [...inputs, ...flat],
    input_layers: inputs.map(({ name }) => [name, 0, 0]),
    output_layers: outputs,
  };
  return parseModel({ format: 'tfjs-layers', topology: { class_name: 'Functional', config } }).topology;
}

/** Ids of `length`, through a table of `rows`. */
function embedding(rows: number, length: number | null, dtype = 'float32') {
  const layers = [
    { class_name: 'InputLayer', config: { name: 'ids', batch_input_shape: [null, length], dtype } },
    { class_name: 'Embedding', config: { name: 'table', input_dim: rows, output_dim: 2 } },
  ];
  return parseModel({ format: 'tfjs-layers', topology: { class_name: 'Sequential', config: { name: 'm', layers } } })
    .topology;
}

for (const [want, fits] of [
  [
    [8, 8, 1],
    [8, 8, 1],
  ],
  [
    [8, 8],
    [8, 8],
  ],
  [[64], [64]],
  [
    [1, 8, 8],
    [1, 8, 8],
  ],
  [
    [64, 1],
    [64, 1],
  ],
  [
    [null, 8],
    [8, 8],
  ],
] as const) {
  test(`digits of shape [8,8,1] fit an input of shape [${want}]`, async () => {
    const digits = await openDataset('builtin:digits');
    const fitted = fitDataset(digits, modelOf([input('x', want)]));
    assert.deepEqual(fitted.inputShapes, [fits]);
    assert.deepEqual(fitted.gather([3]).inputs[0]?.data, digits.gather([3]).inputs[0]?.data);
    assert.deepEqual(fitted.gather([3, 4]).inputs[0]?.shape, [2, ...fits]);
  });
}

test('a flat table fits an image model', async () => {
  const table = await openDataset(folder.write('flat.csv', `${'1,'.repeat(64)}0\n${'2,'.repeat(64)}1\n`));
  assert.deepEqual(fitDataset(table, modelOf([input('x', [8, 8, 1])])).inputShapes, [[8, 8, 1]]);
});

for (const want of [[9, 9, 1], [16, 4], [65], [8, 4, 2]]) {
  test(`digits do not fit an input of shape [${want}]`, async () => {
    const digits = await openDataset('builtin:digits');
    const pattern = new RegExp(`shape \\[8,8,1\\], the model's input "x" takes \\[${want}\\]`);
    await refuses(async () => fitDataset(digits, modelOf([input('x', want)])), 'DATASET_SHAPE_MISMATCH', pattern);
  });
}

test('a model that takes the channels first gets them first', async () => {
  const x = ndarray(
    'uint8',
    [2, 4, 5, 3],
    Uint8Array.from({ length: 120 }, (_, at) => at),
  );
  const dataset = await openDataset(write('pixels.npz', { x, y }), { normalize: 'none' });
  const [plain] = dataset.gather([1]).inputs;
  const [front] = fitDataset(dataset, modelOf([input('x', [3, 4, 5])])).gather([1]).inputs;
  assert.deepEqual(front?.shape, [1, 3, 4, 5]);
  for (let c = 0; c < 3; c++)
    for (let p = 0; p < 20; p++) assert.equal(front?.data[c * 20 + p], plain?.data[p * 3 + c]);
});

test('images that are stored channels first get the hint', async () => {
  const x = ndarray('uint8', [2, 3, 4, 5], new Uint8Array(120).fill(1));
  const dataset = await openDataset(write('planes.npz', { x, y }));
  await refuses(
    async () => fitDataset(dataset, modelOf([input('x', [4, 5, 3])])),
    'DATASET_SHAPE_MISMATCH',
    /layout to "channels-first"/,
  );
});

test('several inputs go by name when all names agree, else by position', async () => {
  const a = ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4));
  const b = ndarray('float32', [2, 3], Float32Array.of(5, 6, 7, 8, 9, 10));
  const dataset = await openDataset(write('two.npz', { a, b, y }));
  const byName = fitDataset(dataset, modelOf([input('b', [3]), input('a', [2])]));
  assert.deepEqual(byName.inputNames, ['b', 'a']);
  assert.deepEqual(
    byName.gather([1]).inputs.map(({ data }) => [...data]),
    [
      [8, 9, 10],
      [3, 4],
    ],
  );
  assert.deepEqual(fitDataset(dataset, modelOf([input('p', [2]), input('q', [3])])).inputShapes, [[2], [3]]);
  await refuses(
    async () => fitDataset(dataset, modelOf([input('p', [2])])),
    'DATASET_SHAPE_MISMATCH',
    /has 2 input\(s\) \(a, b\), the model has 1 \(p\)/,
  );
});

test('ids reach an embedding unchanged, from bytes too', async () => {
  for (const x of [
    ndarray('int32', [2, 3], Int32Array.of(0, 1, 2, 3, 4, 5)),
    ndarray('uint8', [2, 3], Uint8Array.of(0, 1, 2, 3, 4, 5)),
  ]) {
    const dataset = await openDataset(write('ids.npz', { x, y }));
    for (const dtype of ['float32', 'int32']) {
      const { inputs } = fitDataset(dataset, embedding(6, 3, dtype)).gather([1]);
      assert.deepEqual([...(inputs[0]?.data ?? [])], [3, 4, 5]);
    }
  }
});

for (const [title, x, message] of [
  [
    'an id beyond the table',
    ndarray('int32', [2, 3], Int32Array.of(0, 1, 2, 3, 4, 6)),
    /holds the id 6, the embedding of input "ids" has 6 rows/,
  ],
  ['a negative id', ndarray('int32', [2, 3], Int32Array.of(0, 1, 2, 3, 4, -2)), /holds the id -2/],
  ['a fraction as id', ndarray('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 0.5)), /holds fractions/],
] as const) {
  test(`${title} is refused`, async () => {
    const dataset = await openDataset(write('bad-ids.npz', { x, y }));
    await refuses(async () => fitDataset(dataset, embedding(6, 3)), 'DATASET_INVALID', message);
  });
}

test('a fitted dataset keeps its validation part', async () => {
  const digits = await openDataset('builtin:digits', { validationSplit: 0.1 });
  const fitted = fitDataset(digits, modelOf([input('x', [64])]));
  assert.deepEqual(fitted.validation?.inputShapes, [[64]]);
  assert.equal(fitted.size, digits.size);
});
