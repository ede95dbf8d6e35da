import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDataset } from '../../src/datasets/index.ts';
import { cifarFile, refuses, type TarFixture, tarFile, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const batches: TarFixture[] = [
  { name: 'cifar-10-batches-bin/', type: '5' },
  { name: 'cifar-10-batches-bin/data_batch_2.bin', content: cifarFile(300, 1, 300) },
  { name: 'cifar-10-batches-bin/batches.meta.txt', content: Buffer.from('airplane\n') },
  { name: 'cifar-10-batches-bin/test_batch.bin', content: cifarFile(20) },
  { name: 'cifar-10-batches-bin/data_batch_1.bin', content: cifarFile(300) },
];

function unpack(name: string, entries: readonly TarFixture[]): string {
  const target = path.join(folder.path, name);
  mkdirSync(target);
  for (const { name: file, content } of entries)
    if (content) writeFileSync(path.join(target, path.basename(file)), content);
  return target;
}

test('planes become channels-last samples with their labels', async () => {
  const file = folder.write('data_batch_1.bin', cifarFile(12));
  const dataset = await openDataset(file, { normalize: 'none' });
  assert.deepEqual(
    [dataset.format, dataset.size, dataset.inputShapes, dataset.classes],
    ['cifar-10', 12, [[32, 32, 3]], 10],
  );
  const { inputs, targets } = dataset.gather([11]);
  const at = (row: number, column: number, channel: number) => inputs[0]?.data[(row * 32 + column) * 3 + channel];
  assert.deepEqual(
    [at(0, 0, 0), at(0, 5, 0), at(1, 0, 0), at(0, 3, 1), at(31, 31, 2)],
    [11, 16, 43, 14 % 256, (11 + 3071) % 256],
  );
  assert.deepEqual([...targets.data], [1]);
});

test('folder and archive give the same samples in the same order', async () => {
  const archive = folder.write('cifar-10-binary.tar.gz', gzipSync(tarFile(batches)));
  const fromArchive = await openDataset(archive);
  const fromFolder = await openDataset(unpack('cifar', batches));
  assert.deepEqual([fromArchive.format, fromArchive.size, fromFolder.size], ['cifar-10', 600, 600]);
  const picked = [0, 299, 300, 599, 300];
  assert.deepEqual(fromArchive.gather(picked), fromFolder.gather(picked));
  assert.deepEqual(
    [...fromArchive.gather(picked).targets.data],
    picked.map((i) => i % 10),
  );
  assert.equal((await openDataset(archive, { part: 'test' })).size, 20);
});

test('CIFAR-100 has fine and coarse labels, in an archive of any name too', async () => {
  const archive = folder.write(
    'upload-1',
    tarFile([
      { name: 'cifar-100-binary/train.bin', content: cifarFile(150, 2) },
      { name: 'cifar-100-binary/test.bin', content: cifarFile(10, 2) },
    ]),
  );
  const fine = await openDataset(archive);
  const coarse = await openDataset(archive, { labels: 'coarse' });
  assert.deepEqual([fine.format, fine.classes, coarse.classes], ['cifar-100', 100, 20]);
  assert.deepEqual([...fine.gather([42, 142]).targets.data], [42, 42]);
  assert.deepEqual([...coarse.gather([42, 142]).targets.data], [2, 2]);
});

const badLabel = cifarFile(5);
badLabel[2 * 3073] = 10;
for (const [name, bytes, code, message] of [
  [
    'data_batch_3.bin',
    cifarFile(3).subarray(0, 9000),
    'DATASET_MALFORMED',
    /9000 bytes are not a whole number of records of 3073/,
  ],
  ['data_batch_4.bin', badLabel, 'DATASET_INVALID', /sample 2: label 10 is outside 0\.\.9/],
  ['data_batch_5.bin', new Uint8Array(), 'DATASET_INVALID', /holds no samples/],
  ['link.tar', tarFile([{ name: 'data_batch_1.bin', type: '2' }]), 'DATASET_MALFORMED', /is a link/],
  [
    'climbing.tar',
    tarFile([{ name: '../data_batch_1.bin', content: cifarFile(2) }]),
    'DATASET_MALFORMED',
    /leaves the folder/,
  ],
  ['other.tar.gz', gzipSync(tarFile([{ name: 'readme' }])), 'DATASET_FORMAT_UNKNOWN', /a tar archive with readme/],
  [
    'lying.tar.gz',
    gzipSync(tarFile([{ name: 'data_batch_1.bin', size: 3073 * 2000, content: cifarFile(1) }])),
    'DATASET_MALFORMED',
    /promises 6146000 bytes|truncated/,
  ],
  [
    'twice.tar',
    tarFile([...'ab'].map((at) => ({ name: `${at}/data_batch_1.bin`, content: cifarFile(2) }))),
    'DATASET_MALFORMED',
    /holds data_batch_1.bin twice/,
  ],
] as const) {
  test(`${name} is refused`, () => refuses(() => openDataset(folder.write(name, bytes)), code, message));
}

test('the limit counts all files together', () =>
  refuses(
    () => openDataset(path.join(folder.path, 'cifar'), {}, { maxBytes: 1_500_000 }),
    'DATASET_TOO_LARGE',
    /data_batch_2.bin takes/,
  ));
