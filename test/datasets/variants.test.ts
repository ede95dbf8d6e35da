/** Variants that other programs write: read exactly, or refused with the place and the way out. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const fixture = (name: string) => path.resolve(import.meta.dirname, '../fixtures/datasets', name);

for (const name of ['mat-cell-labels.mat', 'mat-text-labels.mat']) {
  test(`${name}: labels of MATLAB that are text are names of classes`, async () => {
    const dataset = await openDataset(fixture(name));
    assert.deepEqual(dataset.found.classNames, ['Ant', 'cat', 'dog']);
    const { inputs, targets } = dataset.gather([0, 1, 2, 3]);
    assert.deepEqual([...targets.data], [1, 2, 0, 2]);
    assert.deepEqual([...(inputs[0]?.data ?? [])], [0, 1, 2, 3, 4, 5, 6, 7]);
  });
}

const jsonLines = folder.write(
  'ragged.jsonl',
  '{"ids": [4, 5, 6], "labels": [1, 0, 2]}\n{"ids": [7, 8], "labels": [2, 1]}\n{"ids": [9], "labels": [0]}\n',
);
for (const file of [
  jsonLines,
  ...['ragged-labels.parquet', 'ragged-labels.feather', 'ragged-labels.tfrecord'].map(fixture),
]) {
  for (const ignoreLabel of [undefined, -1]) {
    test(`${path.basename(file)}: filled up lists have no label there (ignoreLabel ${ignoreLabel})`, async () => {
      const mark = ignoreLabel === undefined ? {} : { ignoreLabel };
      const dataset = await openDataset(file, { padTo: 3, padValue: 9, ...mark });
      const { inputs, targets } = dataset.gather([0, 1, 2]);
      assert.deepEqual([...(inputs[0]?.data ?? [])], [4, 5, 6, 7, 8, 9, 9, 9, 9]);
      assert.deepEqual([dataset.classes, dataset.found.ignored], [3, ignoreLabel ?? -100]);
      const [, second, third] = [0, 3, 6].map((at) => [...targets.data.subarray(at, at + 3)]);
      assert.deepEqual([second?.slice(0, 2), third?.slice(0, 1)], [[2, 1], [0]]);
      assert.deepEqual([second?.[2], third?.[1], third?.[2]], [-1, -1, -1]);
    });
  }
}

for (const [title, content, rows] of [
  ['groups of a ranking', '1 qid:1 1:0.5 2:2\n0 qid:1 1:3\n1 qid:2 2:4\n', [0.5, 2, 3, 0, 0, 4]],
  ['comments in front', '# made by svm-scale\n1 1:0.5 2:2 # first\n0 1:3\n1 2:4\n', [0.5, 2, 3, 0, 0, 4]],
] as const) {
  test(`libsvm with ${title}`, async () => {
    const dataset = await openDataset(folder.write('rows.svm', content));
    const { inputs, targets } = dataset.gather([0, 1, 2]);
    assert.deepEqual([dataset.format, [...targets.data]], ['libsvm', [1, 0, 1]]);
    assert.deepEqual([...(inputs[0]?.data ?? [])], [...rows]);
  });
}

/** Whole numbers that are 2^53 and more, as records of a table. */
const ids = ['9007199254740993', '9007199254740995', '9007199254740997'];
const zipOf = (names: readonly string[]) =>
  Buffer.concat([...encodeZip(names.map((name) => ({ name, chunks: [Buffer.from('a,label\n1,0\n2,1\n')] })))]);

const refused: readonly (readonly [string, string | Uint8Array, DatasetOptions, ErrorCode, RegExp])[] = [
  ['several.svm', '1,2 1:1\n2 1:3\n', {}, 'DATASET_MALFORMED', /row 1: .*several labels a row .* Parquet or CSV/],
  ['ids.csv', `id,label\n${ids.map((id, i) => `${id},${i}`).join('\n')}\n`, {}, 'DATASET_INVALID', /"id" .*"inputs"/],
  [
    'ids.jsonl',
    ids.map((id, i) => `{"id": ${id}, "label": ${i}}`).join('\n'),
    {},
    'DATASET_INVALID',
    /"id" holds whole numbers .* leave it out by the option "inputs"/,
  ],
  [
    'end.csv',
    `a,b,label,\n${'1,2,0,\n3,4,1,\n'.repeat(40)}5,6,0,7\n`,
    {},
    'DATASET_MALFORMED',
    /row 82: the last column .* "7"/,
  ],
  ['columns.json', '{"a":{"0":1,"1":2},"label":{"0":0,"1":1}}', {}, 'DATASET_FORMAT_UNKNOWN', /orient="records"/],
  ['tables.zip', zipOf(['train.csv', 'test.csv', 'README.md']), {}, 'DATASET_FORMAT_UNKNOWN', /unpack it/],
  [
    'words.jsonl',
    '{"x": ["a", "b"], "y": 0}\n{"x": ["c", "d"], "y": 1}\n',
    {},
    'DATASET_INVALID',
    /texts: .*tokenizer/,
  ],
];

for (const [name, content, options, code, message] of refused)
  test(`${name} is refused with the way out`, () =>
    refuses(() => openDataset(folder.write(name, content), options), code, message));

test('a table of records in HDF5 is refused with the way out', () =>
  refuses(() => openDataset(fixture('records.h5')), 'DATASET_MALFORMED', /"table" is a table of records .*to_parquet/));

test('columns of measurements beyond 2^64 are no ids', async () => {
  const dataset = await openDataset(folder.write('masses.csv', 'mass,label\n1.989e30,0\n5.972e24,1\n7.348e22,0\n'));
  assert.equal(dataset.gather([0]).inputs[0]?.data[0], Math.fround(1.989e30));
});

for (const [name, content] of [
  ['one.svm', '1 1:1\n0 1:2\n'],
  ['one.csv', 'a,label\n1,0\n2,1\n'],
] as const)
  test(`${name} has no test part, and does not give its training part for it`, () =>
    refuses(
      () => openDataset(folder.write(name, content), { part: 'test' }),
      'DATASET_NOT_FOUND',
      /no test part.*train/,
    ));

test('the built-in digits have no test part', () =>
  refuses(() => openDataset('builtin:digits', { part: 'test' }), 'DATASET_NOT_FOUND', /no test part/));

for (const [name, message] of [
  ['list-holes-int32.feather', /column "x" holds a missing value/],
  ['list-holes-float.feather', /column "x" holds a missing value/],
  ['list-wide.feather', /column "x" holds whole numbers that do not fit 32 bits/],
  ['list-wide.parquet', /column "x" holds whole numbers that do not fit 32 bits/],
] as const)
  test(`${name}: lists are refused instead of being read as other numbers`, () =>
    refuses(() => openDataset(fixture(name)), 'DATASET_INVALID', message));

test('columns of every part come in the order of the training table', async () => {
  const tables = path.join(folder.path, 'parts');
  mkdirSync(tables);
  for (const [name, text] of [
    ['train.csv', 'a,b,label\n1,10,0\n2,20,1\n'],
    ['val.csv', 'label,b,a\n1,40,4\n'],
    ['test.csv', 'b,label,a\n30,0,3\n'],
  ] as const)
    writeFileSync(path.join(tables, name), text);
  for (const [part, row] of [
    ['train', [1, 10]],
    ['validation', [4, 40]],
    ['test', [3, 30]],
  ] as const)
    assert.deepEqual([...((await openDataset(tables, { part })).gather([0]).inputs[0]?.data ?? [])], row, part);
});
