/** The option `mask`: positions with 0 have no label, in every kind of file, and are counted so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import { ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const [x, y, mask] = [
  [5, 6, 7, 8, 9, 4],
  [0, 1, 2, 2, 1, 0],
  [1, 1, 0, 0, 1, 1],
];
const int = (values: readonly number[]) => ndarray('int32', [2, 3], Int32Array.from(values));
const npz = (arrays: Record<string, ReturnType<typeof int>>) =>
  Buffer.concat([...encodeNpz(new Map(Object.entries(arrays)))]);
const rowsOf = (values: readonly number[]) => [values.slice(0, 3), values.slice(3)];
const lines = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n');
const records = [0, 1].map((row) => ({ ids: rowsOf(x)[row], labels: rowsOf(y)[row], weight: rowsOf(mask)[row] }));
const arrays = npz({ x: int(x), y: int(y), mask: int(mask) });

for (const [name, content, options, mark] of [
  ['named.npz', arrays, { mask: 'mask' }, -100],
  ['given.npz', arrays, { inputs: ['x'], target: 'y', mask: 'mask', ignoreLabel: -7 }, -7],
  ['lists.jsonl', lines(records), { mask: 'weight' }, -100],
  ['given.jsonl', lines(records), { inputs: ['ids'], target: 'labels', mask: 'weight' }, -100],
] as const satisfies readonly (readonly [string, string | Uint8Array, DatasetOptions, number])[]) {
  test(`${name}: positions with 0 in the mask have no label, and the mask is no input`, async () => {
    const dataset = await openDataset(folder.write(name, content), options);
    const { inputs, targets } = dataset.gather([0, 1]);
    assert.equal(inputs.length, 1);
    assert.deepEqual([...(inputs[0]?.data ?? [])], x);
    assert.deepEqual([...targets.data], [0, 1, -1, -1, 1, 0]);
    assert.deepEqual([dataset.found.ignored, dataset.countClasses()?.ignored], [mark, 2]);
    assert.ok(
      dataset.found.notes.some((note) => note.startsWith('2 positions where')),
      dataset.found.notes.join(),
    );
  });
}

test('lists that are filled up have no label there, whatever the id that fills up', async () => {
  const ragged = [
    { ids: [5, 6, 7], labels: [0, 1, 2], mask: [1, 0, 1] },
    { ids: [8], labels: [2], mask: [1] },
  ];
  const file = folder.write('ragged.jsonl', lines(ragged));
  const { targets } = (await openDataset(file, { mask: 'mask', padTo: 3, padValue: 9 })).gather([0, 1]);
  assert.deepEqual([...targets.data], [0, -1, 2, 2, -1, -1]);
});

const short = ndarray('int32', [2, 2], new Int32Array(4));
for (const [name, content, options, message] of [
  ['missing.npz', arrays, { mask: 'weights' }, /no array "weights"; found "x", "y", "mask"/],
  ['missing.jsonl', lines(records), { mask: 'weights' }, /no column is named "weights"/],
  ['weights.npz', npz({ x: int(x), y: int(y), m: int([1, 2, 0, 1, 1, 1]) }), { mask: 'm' }, /holds 2 in sample 0/],
  [
    'shape.npz',
    npz({ x: int(x), y: int(y), m: short }),
    { mask: 'm' },
    /shape \[2\], the labels of a sample have \[3\]/,
  ],
  ['table.csv', 'a,m,label\n1,1,0\n2,0,1\n', { mask: 'm' }, /"m" is no array/],
  ['digits', null, { mask: 'm' }, /no column is named "m"|is no array/],
] as const) {
  test(`a mask that does not fit is refused: ${name}`, () => {
    const file = content === null ? 'builtin:digits' : folder.write(name, content);
    return refuses(() => openDataset(file, options), 'INVALID_INPUT', message);
  });
}
