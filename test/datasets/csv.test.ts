import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDataset } from '../../src/datasets/index.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const table = '1.5,2,0\n3,-4,1\n5e0,6,2\n';

test('the last column is the label, the others are features', async () => {
  const dataset = await openDataset(folder.write('plain.csv', table));
  assert.deepEqual([dataset.format, dataset.size, dataset.inputShapes, dataset.classes], ['csv', 3, [[2]], 3]);
  assert.deepEqual([...(dataset.gather([2, 1]).inputs[0]?.data ?? [])], [5, 6, 3, -4]);
  assert.equal(dataset.sha256, createHash('sha256').update(table).digest('hex'));
});

for (const [title, name, content, options] of [
  ['compressed', 'table.csv.gz', gzipSync(table), {}],
  ['with a header and Windows line ends', 'header.csv', `a,b,label\n${table}`.replaceAll('\n', '\r\n'), {}],
  ['with tabs', 'table.tsv', table.replaceAll(',', '\t'), { delimiter: '\t' }],
  ['with the label first', 'first.csv', '0,1.5,2\n1,3,-4\n2,5,6', { labelColumn: 0 }],
  ['with the label named', 'named.csv', 'a,"the, label",b\n1.5,0,2\n3,1,-4\n5,2,6\n', { labelColumn: 'the, label' }],
  ['under a name that says nothing', 'upload', table, {}],
  ['with a header of numbers', 'years.csv', `2001,2002,2003\n${table}`, { header: true }],
] as const) {
  test(`a table ${title} gives the same samples`, async () => {
    const dataset = await openDataset(folder.write(name, content), options);
    const { inputs, targets } = dataset.gather([0, 1, 2]);
    assert.deepEqual([...(inputs[0]?.data ?? [])], [1.5, 2, 3, -4, 5, 6]);
    assert.deepEqual(targets, { dtype: 'int32', shape: [3], data: Int32Array.of(0, 1, 2) });
  });
}

test('fractions as targets are values to regress', async () => {
  const dataset = await openDataset(folder.write('regression.csv', '1,0.5\n2,1\n'));
  assert.deepEqual(dataset.targets, { kind: 'values', shape: [] });
  assert.deepEqual([...dataset.gather([0, 1]).targets.data], [0.5, 1]);
});

test('a table of many blocks keeps its order', async () => {
  const rows = Array.from(
    { length: 5000 },
    (_, i) => `${Array.from({ length: 300 }, (_, j) => (i + j) % 1000).join(',')},${i % 7}`,
  );
  const dataset = await openDataset(folder.write('blocks.csv', rows.join('\n')));
  const picked = [0, 3482, 3483, 3484, 4999];
  const { inputs, targets } = dataset.gather(picked);
  assert.deepEqual(
    picked.map((_, i) => inputs[0]?.data[i * 300]),
    picked.map((row) => row % 1000),
  );
  assert.deepEqual(
    [...targets.data],
    picked.map((row) => row % 7),
  );
});

const wide = (columns: number) => Array.from({ length: columns }, (_, i) => i % 10).join(',');
for (const [title, content, options, code, message] of [
  [
    'a short row',
    [...new Array<string>(16).fill(wide(784)), wide(783)].join('\n'),
    {},
    'DATASET_MALFORMED',
    /row 17: expected 784 columns, found 783/,
  ],
  ['a long row', '1,2,0\n1,2,3,1\n', {}, 'DATASET_MALFORMED', /row 2: expected 3 columns, found 4/],
  ['text', 'a,b\n1,0\nx,1\n', {}, 'DATASET_MALFORMED', /row 3, column 1: "x" is not a number/],
  ['an empty field', '1,0\n,1\n', {}, 'DATASET_MALFORMED', /row 2, column 1: the field is empty/],
  ['NaN', '1,0\n\n2,1\nNaN,1\n', {}, 'DATASET_INVALID', /row 4, column 1 is NaN/],
  ['a label beyond the classes', '1,0\n2,3\n', { classes: 3 }, 'DATASET_INVALID', /row 2: label 3 is outside 0\.\.2/],
  ['one class', '1,5\n2,5\n', {}, 'DATASET_INVALID', /all 2 labels of "label" are 5/],
  ['only a header', 'a,b\n', {}, 'DATASET_INVALID', /holds no samples/],
  ['one column', '1\n2\n', { format: 'csv' }, 'DATASET_MALFORMED', /one column/],
  [
    'an unknown label column',
    'a,b\n1,0\n2,1\n',
    { labelColumn: 'c' },
    'DATASET_MALFORMED',
    /no column is named "c"; row 1 names a, b/,
  ],
  ['a label column outside', '1,0\n2,1\n', { labelColumn: 2 }, 'DATASET_MALFORMED', /2 is outside the 2 columns/],
] as const) {
  test(`${title} is refused`, () =>
    refuses(() => openDataset(folder.write('bad.csv', content), options), code, message));
}

test('an empty file is refused', () =>
  refuses(() => openDataset(folder.write('empty.csv', '')), 'DATASET_FORMAT_UNKNOWN', /no dataset format/));

test('a table larger than the limit is refused', () =>
  refuses(
    () => openDataset(folder.write('limit.csv', table), {}, { maxBytes: 20 }),
    'DATASET_TOO_LARGE',
    /limit of 20/,
  ));
