import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNpy } from '../../src/codecs/npy.ts';
import { openDataset } from '../../src/datasets/index.ts';
import { ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const write = (name: string, values: readonly number[], shape: number[] = [values.length]) =>
  folder.write(name, Buffer.concat(encodeNpy(ndarray('float32', shape, Float32Array.from(values)))));

for (const [inputs, targets] of [
  ['x.npy', 'y.npy'],
  ['x_train.npy', 'y_train.npy'],
  ['train-images.npy', 'train-labels.npy'],
] as const) {
  test(`${inputs} goes with ${targets}`, async () => {
    const file = write(inputs, [1, 2, 3, 4], [2, 2]);
    write(targets, [0.5, 1.5]);
    const dataset = await openDataset(file);
    assert.deepEqual([dataset.format, dataset.size, dataset.inputShapes], ['npy', 2, [[2]]]);
    assert.deepEqual([...dataset.gather([1]).targets.data], [1.5]);
  });
}

test('an array without targets beside it, or with too few, is refused', async () => {
  await refuses(() => openDataset(write('lonely.npy', [1])), 'DATASET_NOT_FOUND', /no targets were found/);
  const file = write('a_x.npy', [1, 2, 3]);
  write('a_y.npy', [1, 2]);
  await refuses(() => openDataset(file), 'DATASET_MALFORMED', /"a_x.npy" holds 3 samples, "a_y.npy" holds 2/);
});
