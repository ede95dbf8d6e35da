/** Data beyond the limit of memory lies on disk, and gives the same numbers in every order. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { asRead, type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import { describeDataset } from '../../src/jobs/inspect/describe-dataset.ts';
import { createRandom } from '../../src/random.ts';
import { refuses, tarFile, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const random = createRandom(1, 'larger than memory');

const tokens = Array.from({ length: 3000 }, (_, i) => {
  const ids = Array.from({ length: 64 }, () => random.below(1000));
  return JSON.stringify({ x: ids, weights: [i / 7, i / 3], label: i % 3 });
}).join('\n');
const table = Array.from({ length: 20_000 }, (_, i) =>
  [i * 0.5, i % 2 === 0 ? 'True' : 'False', random.below(100), `c${i % 4}`].join(','),
);
const picture = (value: number) => Buffer.concat([Buffer.from('P6 16 16 255 '), Buffer.alloc(768, value)]);
const grey = (value: number) => Buffer.concat([Buffer.from('P5 16 16 255 '), Buffer.alloc(256, value)]);
const pictures = tarFile(
  Array.from({ length: 300 }, (_, i) => ({
    name: `${i % 2 === 0 ? 'b' : 'a'}/${i}.ppm`,
    content: i % 5 === 0 ? grey(i % 256) : picture(i % 256),
  })),
);

interface Row {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly options: DatasetOptions;
}

const files: readonly Row[] = [
  { name: 'tokens.jsonl', content: tokens, options: {} },
  { name: 'table.csv', content: `a,b,c,label\n${table.join('\n')}\n`, options: {} },
  { name: 'pictures.tar', content: pictures, options: {} },
  { name: 'split.tar', content: pictures, options: { validationSplit: 0.3 } },
  { name: 'channels-first.tar', content: pictures, options: { layout: 'channels-first', shape: [3, 16, 16] } },
];

/** Less than half of each of them. */
const maxBytes = 150_000;

for (const { name, content, options } of files) {
  test(`${name} is the same from disk`, async () => {
    const file = folder.write(name, content);
    const spill = { folder: path.join(folder.path, 'spill'), maxBytes: 2 ** 26 };
    const inMemory = await openDataset(file, options, { label: name });
    const onDisk = await openDataset(file, options, { label: name, maxBytes, spill });
    await refuses(() => openDataset(file, options, { label: name, maxBytes }), 'DATASET_TOO_LARGE', /limit/);
    assert.deepEqual(onDisk.description, inMemory.description);
    assert.deepEqual(describeDataset(onDisk), describeDataset(inMemory));
    assert.deepEqual(asRead(onDisk), asRead(inMemory));
    const drawn = Int32Array.from({ length: 50 }, () => random.below(inMemory.size));
    assert.deepEqual(onDisk.gather(drawn), inMemory.gather(drawn));
    if (inMemory.validation) assert.deepEqual(onDisk.validation?.gather([3, 1]), inMemory.validation.gather([3, 1]));
    assert.deepEqual(readdirSync(spill.folder), [], 'the file has a name');
  });
}

test('data beyond the limit of the disk is refused with the setting', async () => {
  const file = folder.write('large.jsonl', tokens);
  const spill = { folder: folder.path, maxBytes: 100_000 };
  await refuses(() => openDataset(file, {}, { maxBytes, spill }), 'DATASET_TOO_LARGE', /MAX_DATASET_DISK_BYTES/);
});

test('a folder that cannot be written is no fault of the data', async () => {
  const file = folder.write('other.jsonl', tokens);
  const spill = { folder: file, maxBytes: 2 ** 26 };
  await refuses(() => openDataset(file, {}, { maxBytes, spill }), 'STORE_UNAVAILABLE', /cannot be written/);
});
