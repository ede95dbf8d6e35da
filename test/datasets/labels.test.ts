import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import { ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
let files = 0;

const ints = (shape: number[], values: ArrayLike<number>) => ndarray('int32', shape, Int32Array.from(values));
const repeated = (count: number, value: (i: number) => number) => Array.from({ length: count }, (_, i) => value(i));

/** An npz of `labels` (and of those of a test part) with one feature each. */
function write(labels: readonly number[], testLabels: readonly number[] = []): string {
  const features = (count: number) => ndarray('float32', [count, 1], new Float32Array(count));
  const arrays = { x_train: features(labels.length), y_train: ints([labels.length], labels) };
  const test = { x_test: features(testLabels.length), y_test: ints([testLabels.length], testLabels) };
  const all = testLabels.length === 0 ? arrays : { ...arrays, ...test };
  return folder.write(`labels-${files++}.npz`, Buffer.concat([...encodeNpz(new Map(Object.entries(all)))]));
}

const open = async (labels: readonly number[], options: DatasetOptions = {}, testLabels: readonly number[] = []) => {
  const dataset = await openDataset(write(labels, testLabels), options);
  const ids = [...dataset.gather(repeated(dataset.size, (i) => i)).targets.data];
  return { ids, names: dataset.found.classNames, notes: dataset.found.notes.join(' ') };
};

for (const { title, labels, options, testLabels, ids, names, note } of [
  { title: '0..n-1 stay', labels: [0, 2, 1], ids: [0, 2, 1], names: ['0', '1', '2'], note: /^$/ },
  {
    title: '1..n start at 0',
    labels: [1, 3, 2],
    ids: [0, 2, 1],
    names: ['1', '2', '3'],
    note: /became the class ids 0\.\.2/,
  },
  { title: '-1 and 1 are two classes', labels: [-1, 1, 1], ids: [0, 1, 1], names: ['-1', '1'], note: /-1, 1/ },
  {
    title: '-1, 0, 1 are three classes',
    labels: [-1, 0, 1],
    ids: [0, 1, 2],
    names: ['-1', '0', '1'],
    note: /-1, 0, 1/,
  },
  {
    title: 'a hole after 0 is kept',
    labels: [0, 1, 3],
    ids: [0, 1, 3],
    names: ['0', '1', '2', '3'],
    note: /only 3 occur/,
  },
  { title: 'numbers without 0 close up', labels: [10, 30, 10], ids: [0, 1, 0], names: ['10', '30'], note: /10, 30/ },
  {
    title: '1..n of n given classes',
    labels: [1, 2, 3],
    options: { classes: 3 },
    ids: [0, 1, 2],
    names: ['1', '2', '3'],
    note: /became/,
  },
  {
    title: 'more classes than occur',
    labels: [0, 1],
    options: { classes: 4 },
    ids: [0, 1],
    names: ['0', '1', '2', '3'],
    note: /^$/,
  },
  {
    title: 'a class of the test part counts',
    labels: [1, 3, 1],
    testLabels: [2, 3],
    ids: [0, 2, 0],
    names: ['1', '2', '3'],
    note: /1, 2, 3/,
  },
] as const) {
  test(`labels: ${title}`, async () => {
    const found = await open(labels, options, testLabels);
    assert.deepEqual([found.ids, found.names], [ids, names]);
    assert.match(found.notes, note);
  });
}

for (const { title, labels, says } of [
  {
    title: 'as many numbers as samples',
    labels: repeated(40, (i) => 1000 + 7 * i),
    says: /40 different whole numbers/,
  },
  {
    title: 'prices',
    labels: repeated(4000, (i) => 50_000 + ((i * 37) % 3951) * 100),
    says: /3951 different whole numbers from 50000/,
  },
  {
    title: 'counts with large holes',
    labels: repeated(400, (i) => (i % 40) * 13),
    says: /40 different whole numbers from 0 to 507/,
  },
] as const) {
  test(`labels that hardly are classes are asked about: ${title}`, async () => {
    const file = write(labels);
    await refuses(() => openDataset(file), 'DATASET_AMBIGUOUS', says);
    await refuses(() => openDataset(file), 'DATASET_AMBIGUOUS', /"targets" to "values" to regress/);
    assert.equal((await openDataset(file, { targets: 'values' })).classes, null);
    assert.ok((await openDataset(file, { targets: 'classes' })).classes);
  });
}

test('a hundred classes in a few hundred samples are no quantity', async () => {
  assert.equal((await openDataset(write(repeated(300, (i) => i % 100)))).classes, 100);
});

const perPosition = (values: number[]) => {
  const x = ndarray('float32', [2, 4], new Float32Array(8));
  const arrays = new Map(Object.entries({ x, y: ints([2, 4], values) }));
  return folder.write(`positions-${files++}.npz`, Buffer.concat([...encodeNpz(arrays)]));
};

test('labels per position keep their shape, and -100 has no label', async () => {
  const dataset = await openDataset(perPosition([0, 1, 2, -100, 2, -100, 0, 1]));
  assert.deepEqual(dataset.targets, { kind: 'classes', classes: 3, shape: [4] });
  assert.deepEqual([...dataset.gather([0, 1]).targets.data], [0, 1, 2, -1, 2, -1, 0, 1]);
  assert.deepEqual(dataset.countClasses(), { counts: [2, 2, 2], ignored: 2 });
  assert.equal(dataset.found.ignored, -100);
});

test('255 beside few classes has no label, and is what ignoreLabel says', async () => {
  const file = perPosition([0, 1, 2, 255, 2, 255, 0, 1]);
  assert.deepEqual((await openDataset(file)).targets, { kind: 'classes', classes: 3, shape: [4] });
  const other = await openDataset(perPosition([0, 1, 2, 7, 2, 7, 0, 1]), { ignoreLabel: 7 });
  assert.deepEqual(other.targets, { kind: 'classes', classes: 3, shape: [4] });
});

test('lists of 0 and 1 say which labels apply', async () => {
  const dataset = await openDataset(perPosition([0, 1, 1, 0, 1, 1, 1, 0]));
  assert.deepEqual(dataset.targets, { kind: 'values', shape: [4], isBinary: true });
  assert.match(dataset.found.notes.join(' '), /sigmoid-cross-entropy/);
});

test('whole numbers stored as floats are values, and the report says how to make them classes', async () => {
  const file = folder.write(
    'floats.npz',
    Buffer.concat([
      ...encodeNpz(
        new Map([
          ['x', ndarray('float32', [4, 1], new Float32Array(4))],
          ['y', ndarray('float32', [4], Float32Array.from([0, 1, 2, 1]))],
        ]),
      ),
    ]),
  );
  const { targets, found } = await openDataset(file);
  assert.equal(targets.kind, 'values');
  assert.match(found.notes.join(' '), /whole numbers stored as floats.*"targets" to "classes"/);
  assert.equal((await openDataset(file, { targets: 'classes' })).classes, 3);
});
