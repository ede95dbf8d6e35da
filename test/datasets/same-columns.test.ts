/** Tables of one dataset: their columns are found by name, and tables that do not belong together are refused. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type DataType, Field, Float32, Int32, List, Table, tableToIPC, Uint8, vectorFromArray } from 'apache-arrow';
import { openDataset } from '../../src/datasets/index.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();

function writeTables(name: string, tables: Readonly<Record<string, string>>): string {
  const place = path.join(folder.path, name);
  mkdirSync(place);
  for (const [file, content] of Object.entries(tables)) folder.write(`${name}/${file}`, content);
  return place;
}

const inputsOf = async (place: string, options = {}) => {
  const dataset = await openDataset(place, options);
  const { inputs, targets } = dataset.gather([...Array(dataset.size).keys()]);
  return { inputs: [...(inputs[0]?.data ?? [])], targets: [...(targets.data as Int32Array)], dataset };
};

test('CSV: shards whose columns come in another order give the values of the same names', async () => {
  const place = writeTables('csv-order', { 'part-0.csv': 'a,b,label\n1,2,0\n', 'part-1.csv': 'label,b,a\n1,4,3\n' });
  const { inputs, targets } = await inputsOf(place);
  assert.deepEqual(
    [inputs, targets],
    [
      [1, 2, 3, 4],
      [0, 1],
    ],
  );
});

test('JSON lines: members of another order in another file', async () => {
  const place = writeTables('json-order', {
    'part-0.jsonl': '{"a":1,"b":2,"label":0}\n',
    'part-1.jsonl': '{"label":1,"b":4,"a":3}\n',
  });
  const { inputs, targets } = await inputsOf(place);
  assert.deepEqual(
    [inputs, targets],
    [
      [1, 2, 3, 4],
      [0, 1],
    ],
  );
});

for (const [title, second] of [
  ['another name', 'a1,b,label\n3,4,1\n'],
  ['one column less', 'b,label\n4,1\n'],
  ['one column more', 'a,b,c,label\n3,4,5,1\n'],
  ['no header', '3,4,1\n'],
  ['a name twice', 'a,b,b,label\n3,4,4,1\n'],
] as const)
  test(`CSV: a second table with ${title} is refused with the columns of both`, () => {
    const place = writeTables(`csv ${title}`, { 'part-0.csv': 'a,b,label\n1,2,0\n', 'part-1.csv': second });
    return refuses(() => openDataset(place), 'DATASET_INVALID', /part-1\.csv: has the columns .*"a", "b", "label"/);
  });

test('the option "inputs" allows further columns', async () => {
  const place = writeTables('csv-further', {
    'part-0.csv': 'a,b,label\n1,2,0\n',
    'part-1.csv': 'id,label,b,a\n7,1,4,3\n',
  });
  const { inputs, targets } = await inputsOf(place, { inputs: ['b', 'a'], target: 'label' });
  assert.deepEqual(
    [inputs, targets],
    [
      [2, 1, 4, 3],
      [0, 1],
    ],
  );
});

test('a test table without labels, as contests have it, is no part, and that is said', async () => {
  const place = writeTables('contest', { 'train.csv': 'label,a,b\n0,1,2\n1,3,4\n', 'test.csv': 'a,b\n5,6\n' });
  const { inputs, dataset } = await inputsOf(place);
  assert.deepEqual(inputs, [1, 2, 3, 4]);
  assert.deepEqual(
    dataset.found.parts.map(({ name }) => name),
    ['train'],
  );
  assert.ok(dataset.found.notes.some((note) => /test\.csv has no labels/.test(note)));
  await refuses(() => openDataset(place, { part: 'test' }), 'DATASET_INVALID', /test\.csv|train\.csv/);
});

for (const [title, first, second] of [
  ['whole numbers first', '[1, 2]', '[1.5, 3]'],
  ['fractions first', '[1.5, 3]', '[1, 2]'],
] as const)
  test(`lists that are whole numbers in one table only are values, ${title}`, async () => {
    const place = writeTables(`json mixed ${title}`, {
      'part-0.jsonl': `{"x":${first},"label":0}\n`,
      'part-1.jsonl': `{"x":${second},"label":1}\n`,
    });
    const { inputs, dataset } = await inputsOf(place);
    assert.deepEqual(
      inputs,
      [first, second].flatMap((list) => JSON.parse(list)),
    );
    assert.deepEqual([dataset.inputDtypes, dataset.isWhole(0)], [['float32'], false]);
  });

const listsOf = (type: DataType, rows: readonly (readonly number[])[]): Buffer => {
  const x = vectorFromArray(rows, new List(new Field('item', type)));
  const label = vectorFromArray([0, 1], new Int32());
  return Buffer.from(tableToIPC(new Table({ x, label }), 'file'));
};

for (const [title, type, rows, message] of [
  [
    'bytes',
    new Uint8(),
    [
      [1, 2],
      [3, 4],
    ],
    /"x" holds pixels of the range 0 to 255 in one table and numbers in another/,
  ],
  [
    'large whole numbers',
    new Int32(),
    [
      [2 ** 24 + 1, 2],
      [3, 4],
    ],
    /"x" holds whole numbers beyond 2\^24 in one table/,
  ],
] as const)
  test(`Arrow: lists of ${title} beside lists of fractions are refused`, () => {
    const place = path.join(folder.path, `arrow ${title}`);
    mkdirSync(place);
    folder.write(`arrow ${title}/part-0.arrow`, listsOf(type, rows));
    folder.write(
      `arrow ${title}/part-1.arrow`,
      listsOf(new Float32(), [
        [1.5, 2.5],
        [3.5, 4.5],
      ]),
    );
    return refuses(() => openDataset(place), 'DATASET_INVALID', message);
  });
