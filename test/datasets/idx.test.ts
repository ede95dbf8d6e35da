import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDataset } from '../../src/datasets/index.ts';
import { idxFile, refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const pixels = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => i * 10);
const images = idxFile([4, 2, 3], pixels);
const labels = idxFile([4], Uint8Array.of(0, 1, 2, 1));

/** A folder of its own with these files; returns its path. */
function place(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const target = path.join(folder.path, name);
  mkdirSync(target);
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(target, file), content);
  return target;
}

for (const [title, imagesName, labelsName] of [
  ['plain', 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  ['gzip', 'train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'],
  ['mixed', 't10k-images.idx3-ubyte', 't10k-labels-idx1-ubyte.gz'],
] as const) {
  test(`images find their labels beside them: ${title}`, async () => {
    const packed = (name: string, bytes: Buffer) => (name.endsWith('.gz') ? gzipSync(bytes) : bytes);
    const files = { [imagesName]: packed(imagesName, images), [labelsName]: packed(labelsName, labels) };
    const at = place(title, files);
    const dataset = await openDataset(`file:${path.join(at, imagesName)}`, { normalize: 'none' });
    assert.deepEqual([dataset.format, dataset.size, dataset.inputShapes, dataset.classes], ['idx', 4, [[2, 3, 1]], 3]);
    const { inputs, targets } = dataset.gather([3, 0]);
    assert.deepEqual(inputs[0]?.shape, [2, 2, 3, 1]);
    assert.deepEqual([...(inputs[0]?.data ?? [])], [...pixels.subarray(18), ...pixels.subarray(0, 6)]);
    assert.deepEqual(targets, { dtype: 'int32', shape: [2], data: Int32Array.of(1, 0) });
    const listing = Object.entries(files)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
    assert.equal(dataset.sha256, createHash('sha256').update(listing.join('')).digest('hex'));
  });
}

test('a folder holds a training and a test set', async () => {
  const at = place('both', {
    'train-images-idx3-ubyte': images,
    'train-labels-idx1-ubyte': labels,
    't10k-images-idx3-ubyte': idxFile([2, 2, 3], pixels.subarray(0, 12)),
    't10k-labels-idx1-ubyte': idxFile([2], Uint8Array.of(0, 1)),
  });
  assert.equal((await openDataset(at)).size, 4);
  assert.equal((await openDataset(at, { part: 'test' })).size, 2);
});

test('float images are read big-endian', async () => {
  const data = Buffer.alloc(16);
  [0.5, -1, 2, 3].forEach((value, i) => {
    data.writeFloatBE(value, 4 * i);
  });
  const at = place('floats', {
    'images-idx3': idxFile([2, 1, 2], data, 0x0d),
    'labels-idx1': idxFile([2], Uint8Array.of(0, 1)),
  });
  const dataset = await openDataset(path.join(at, 'images-idx3'), { normalize: 'none' });
  assert.deepEqual([...(dataset.gather([0, 1]).inputs[0]?.data ?? [])], [0.5, -1, 2, 3]);
});

const huge = idxFile([2 ** 32 - 1, 2 ** 16, 2 ** 16], new Uint8Array(10));
const lies = idxFile([400, 2, 3], pixels);
for (const [title, file, code, message, besides] of [
  [
    'truncated',
    images.subarray(0, 30),
    'DATASET_MALFORMED',
    /truncated: the header promises \[4,2,3\], 24 bytes; .*at most 14/,
    labels,
  ],
  ['lying', lies, 'DATASET_MALFORMED', /truncated: the header promises \[400,2,3\]/, labels],
  ['lying-gzip', gzipSync(lies), 'DATASET_MALFORMED', /truncated: the array of 2400 elements/, labels],
  ['overflowing', huge, 'DATASET_MALFORMED', /truncated: the header promises/, labels],
  [
    'overlong',
    Buffer.concat([images, Buffer.alloc(3)]),
    'DATASET_MALFORMED',
    /more bytes than an array of shape \[4,2,3\]/,
    labels,
  ],
  ['cut-gzip', gzipSync(images).subarray(0, 40), 'DATASET_MALFORMED', /damaged or truncated/, labels],
  [
    'fewer-labels',
    images,
    'DATASET_MALFORMED',
    /holds 3 labels, images-idx3 holds 4 images/,
    idxFile([3], Uint8Array.of(0, 1, 2)),
  ],
  ['not-labels', images, 'DATASET_MALFORMED', /no labels/, images],
  ['one-class', images, 'DATASET_INVALID', /all 4 labels of "labels" are 7/, idxFile([4], Uint8Array.of(7, 7, 7, 7))],
  [
    'empty',
    idxFile([0, 2, 3], new Uint8Array()),
    'DATASET_INVALID',
    /holds no samples/,
    idxFile([0], new Uint8Array()),
  ],
  ['no-pixels', idxFile([4, 0, 3], new Uint8Array()), 'DATASET_INVALID', /without elements/, labels],
] as const) {
  test(`${title} files are refused`, async () => {
    const at = place(title, { 'images-idx3': file, 'labels-idx1': besides });
    await refuses(() => openDataset(path.join(at, 'images-idx3')), code, message);
  });
}

test('images without labels, and labels alone, say what is missing', async () => {
  const at = place('alone', { 'train-images-idx3-ubyte': images });
  await refuses(
    () => openDataset(path.join(at, 'train-images-idx3-ubyte')),
    'DATASET_NOT_FOUND',
    /put train-labels-idx1-ubyte beside it/,
  );
  const other = place('labels-only', { 'train-labels-idx1-ubyte': labels });
  await refuses(
    () => openDataset(path.join(other, 'train-labels-idx1-ubyte')),
    'DATASET_NOT_FOUND',
    /give the images file/,
  );
});

test('an image set larger than the limit is refused', async () => {
  const at = place('limit', { 'images-idx3': images, 'labels-idx1': labels });
  await refuses(
    () => openDataset(path.join(at, 'images-idx3'), {}, { maxBytes: 20 }),
    'DATASET_TOO_LARGE',
    /24 bytes.*limit of 20/,
  );
});

test('the 10,000 MNIST images are normalised to mean 0 by the moments that numpy finds', async (t) => {
  const file = path.resolve(import.meta.dirname, '../../../shared/data/mnist-10k-images-idx3-ubyte.gz');
  if (!existsSync(file)) return t.skip(`SKIPPED: ${file} is not on this machine`);
  const dataset = await openDataset(file, { normalize: 'per-channel' });
  assert.deepEqual([dataset.size, dataset.inputShapes, dataset.classes], [10_000, [[28, 28, 1]], 10]);
  // numpy's mean() and std() of the file in float64.
  const [{ offset, scale } = { offset: [], scale: [] }] = dataset.normalization;
  assert.ok(Math.abs((offset[0] ?? 0) - 33.43706632653061) < 1e-9, `${offset}`);
  assert.ok(Math.abs((scale[0] ?? 0) - 78.71812935790487) < 1e-9, `${scale}`);
  const { data } = dataset.gather(Array.from({ length: 10_000 }, (_, i) => i)).inputs[0] ?? { data: [] };
  let sum = 0;
  for (const value of data) sum += value;
  assert.ok(Math.abs(sum / data.length) < 1e-4);
});
