import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
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

const dialects: readonly (readonly [string, string | Buffer, DatasetOptions, readonly string[]])[] = [
  ['decimal commas and semicolons', 'a;b;c\n1,5;2;no\n3;-4;yes\n5e0;6,0;no\n', {}, ['no', 'yes']],
  ['runs of blanks', '  1.5   2 0\n 3\t -4 1\n5 6 0\n', {}, ['0', '1']],
  ['comments', '# made by savetxt\na,b,label\n1.5,2,0\n# half\n3,-4,1\n5,6,0\n', {}, ['0', '1']],
  ['carriage returns alone', 'a,b,label\r1.5,2,0\r3,-4,1\r5,6,0\r', {}, ['0', '1']],
  ['a label in front by its name', 'label,a,b\n0,1.5,2\n1,3,-4\n0,5,6\n', {}, ['0', '1']],
  ['an index of pandas', ',a,b,label\n0,1.5,2,0\n1,3,-4,1\n2,5,6,0\n', {}, ['0', '1']],
  ['UTF-16', Buffer.from('\ufeffa,b,label\n1.5,2,café\n3,-4,thé\n5,6,café\n', 'utf16le'), {}, ['café', 'thé']],
  [
    'names beyond the basic plane',
    'a,b,label\n1.5,2,\uff5e\n3,-4,\u{1f600}\n5,6,\uff5e\n',
    {},
    ['\uff5e', '\u{1f600}'],
  ],
  ['chosen inputs', 'x,a,t,b,label\n9,1.5,k,2,0\n9,3,l,-4,1\n9,5,m,6,0\n', { inputs: ['a', 'b'] }, ['0', '1']],
  ['the separator named for Excel', 'sep=;\na;b;label\n1.5;2;no\n3;-4;yes\n5;6;no\n', {}, ['no', 'yes']],
  ['a separator at the end of every row', 'a,b,label,\n1.5,2,0,\n3,-4,1,\n5,6,0,\n', {}, ['0', '1']],
  ['quotes and line ends', '"a","b","lab\nel"\n"1.5","2","x, ""y"""\n3,-4,z\n5,6,"x, ""y"""\n', {}, ['x, "y"', 'z']],
];

for (const [title, content, options, names] of dialects) {
  test(`a table with ${title} is read`, async () => {
    const dataset = await openDataset(folder.write('dialect.csv', content), options);
    assert.deepEqual([...(dataset.gather([0, 1, 2]).inputs[0]?.data ?? [])], [1.5, 2, 3, -4, 5, 6]);
    assert.deepEqual(dataset.found.classNames, names);
    assert.deepEqual([...dataset.gather([0, 1, 2]).targets.data], [0, 1, 0]);
  });
}

test('a number with a comma that may be a thousand is asked about', async () => {
  const file = folder.write('unclear.csv', 'a;b\n1,234;0\n2,345;1\n');
  await refuses(() => openDataset(file), 'DATASET_AMBIGUOUS', /option "decimal"/);
  const dataset = await openDataset(file, { decimal: 'comma' });
  assert.equal(dataset.gather([0]).inputs[0]?.data[0], Math.fround(1.234));
});

test('a folder of train and test tables has two parts with the same class ids, shards in the order of their numbers', async () => {
  const place = path.join(folder.path, 'parts');
  mkdirSync(place);
  const write = (name: string, labels: readonly string[]) =>
    folder.write(`parts/${name}`, `a,label\n${labels.map((label, i) => `${i},${label}\n`).join('')}`);
  write('train-00010-of-00011.csv', ['c', 'c']);
  write('train-00002-of-00011.csv', ['a', 'a']);
  write('test.csv', ['b', 'c']);
  const train = await openDataset(place);
  assert.deepEqual(
    new Map(train.found.parts.map(({ name, samples }) => [name, samples])),
    new Map([
      ['test', 2],
      ['train', 4],
    ]),
  );
  assert.deepEqual(train.found.classNames, ['a', 'b', 'c']);
  assert.deepEqual([...train.gather([0, 1, 2, 3]).targets.data], [0, 0, 2, 2]);
  const other = await openDataset(place, { part: 'test' });
  assert.deepEqual([...other.gather([0, 1]).targets.data], [1, 2]);
  await refuses(
    () => openDataset(place, { part: 'validation' }),
    'DATASET_NOT_FOUND',
    /takes one of those that it has/,
  );
});

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
  ['text', 'a,b\n1,0\nx,1\n', {}, 'DATASET_INVALID', /column "a" holds text \("x", row 3\), which is not a number/],
  [
    'an empty field',
    '1,0\n,1\n',
    {},
    'DATASET_INVALID',
    /column "0" has 1 missing \(empty\) values, the first in row 2/,
  ],
  ['NaN', '1,0\n\n2,1\nNaN,1\n', {}, 'DATASET_INVALID', /column "0" has 1 missing .* row 4/],
  ['infinity', '1,0\n2,1\n-inf,1\n', {}, 'DATASET_INVALID', /row 3, column "0" is -inf/],
  [
    'two bad columns',
    'a,b,c\nx,1,0\ny,,1\n',
    {},
    'DATASET_INVALID',
    /column "a" holds text.*; column "b" has 1 missing/,
  ],
  ['bytes that are no text', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'), {}, 'DATASET_MALFORMED', /is not UTF-8: row 2/],
  ['a label beyond the classes', '1,0\n2,3\n', { classes: 3 }, 'DATASET_INVALID', /row 2: label 3 is outside 0\.\.2/],
  ['one class', '1,5\n2,5\n', {}, 'DATASET_INVALID', /all 2 labels of "1" are 5/],
  ['only a header', 'a,b\n', {}, 'DATASET_INVALID', /holds no samples/],
  ['one column', '1\n2\n', { format: 'csv' }, 'DATASET_MALFORMED', /one column/],
  [
    'an unknown label column',
    'a,b\n1,0\n2,1\n',
    { labelColumn: 'c' },
    'INVALID_INPUT',
    /no column is named "c"; there are "a", "b"/,
  ],
  ['a label column outside', '1,0\n2,1\n', { labelColumn: 2 }, 'INVALID_INPUT', /2 is outside the 2 columns/],
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
