import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openDataset, parseDatasetOptions } from '../../src/datasets/index.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const csv = folder.write('table.csv', '1,10,0\n2,10,1\n3,10,0\n4,10,1\n');
const all = (size: number) => Array.from({ length: size }, (_, i) => i);

test('builtin:digits has 1,797 images whose moments are those of numpy', async () => {
  const dataset = await openDataset('builtin:digits');
  assert.deepEqual([dataset.name, dataset.format, dataset.size], ['digits', 'digits', 1797]);
  assert.deepEqual([dataset.inputShapes, dataset.targets], [[[8, 8, 1]], { kind: 'classes', classes: 10 }]);
  assert.equal(dataset.sha256, '09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22');
  const [{ offset, scale } = { offset: [], scale: [] }] = dataset.normalization;
  assert.ok(Math.abs((offset[0] ?? 0) - 4.884164579855314) < 1e-12);
  assert.ok(Math.abs((scale[0] ?? 0) - 6.016787548672236) < 1e-12);
  const { inputs, targets } = dataset.gather(all(1797));
  const counts = new Array<number>(10).fill(0);
  for (const label of targets.data) counts[label] = (counts[label] ?? 0) + 1;
  assert.deepEqual(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  const pixels = [...(inputs[0]?.data ?? [])];
  assert.ok(Math.abs(pixels.reduce((sum, value) => sum + value, 0) / pixels.length) < 1e-6);
});

test('normalisation: unit, none, given, per channel', async () => {
  const first = async (ref: string, normalize: 'unit' | 'none' | 'per-channel' | { mean: number[]; std: number[] }) => {
    const dataset = await openDataset(ref, { normalize });
    return [...(dataset.gather(all(4)).inputs[0]?.data ?? [])];
  };
  assert.deepEqual(await first(csv, 'none'), [1, 10, 2, 10, 3, 10, 4, 10]);
  assert.deepEqual(await first(csv, 'unit'), [0, 0, 1 / 3, 0, 2 / 3, 0, 1, 0].map(Math.fround));
  assert.deepEqual(await first(csv, { mean: [1, 10], std: [2, 5] }), [0, 0, 0.5, 0, 1, 0, 1.5, 0]);
  const deviation = Math.sqrt(1.25);
  // The second column is constant: 0, not NaN.
  assert.deepEqual(
    await first(csv, 'per-channel'),
    [-1.5, -0.5, 0.5, 1.5].flatMap((value) => [Math.fround(value / deviation), 0]),
  );
  const digits = await openDataset('builtin:digits', { normalize: { mean: [0.5], std: [0.5] } });
  assert.equal(digits.gather([0]).inputs[0]?.data[2], (5 / 16 - 0.5) / 0.5);
});

test('the validation split is drawn by its seed, without overlap, and stays out of the moments', async () => {
  const options = { validationSplit: 0.2, splitSeed: 3, normalize: 'none' } as const;
  const dataset = await openDataset('builtin:digits', options);
  assert.deepEqual(dataset.split, { seed: 3, training: 1438, validation: 359 });
  assert.equal(dataset.size, 1438);
  const key = (source: { gather: typeof dataset.gather }, i: number) =>
    [...(source.gather([i]).inputs[0]?.data ?? [])].join();
  const { validation } = dataset;
  assert.ok(validation);
  const training = new Set(all(1438).map((i) => key(dataset, i)));
  const whole = await openDataset('builtin:digits', { normalize: 'none' });
  const rejoined = [...all(1438).map((i) => key(dataset, i)), ...all(359).map((i) => key(validation, i))].sort();
  assert.deepEqual(
    rejoined,
    all(1797)
      .map((i) => key(whole, i))
      .sort(),
  );
  assert.ok(training.size > 1400);
  const again = await openDataset('builtin:digits', options);
  assert.deepEqual(again.validation?.gather([0, 1]), validation.gather([0, 1]));
  const other = await openDataset('builtin:digits', { ...options, splitSeed: 4 });
  assert.notDeepEqual(other.validation?.gather(all(20)).targets, validation.gather(all(20)).targets);
  const normalized = await openDataset('builtin:digits', { ...options, normalize: 'per-channel' });
  assert.notEqual(normalized.normalization[0]?.offset[0], 4.884164579855314);
});

test('a split that leaves nothing to train on is refused', () =>
  refuses(() => openDataset(csv, { validationSplit: 0.99 }), 'DATASET_INVALID', /leaves none for training/));

test('an index outside the samples is an error', async () => {
  const dataset = await openDataset(csv);
  for (const index of [-1, 4, 0.5, Number.NaN]) assert.throws(() => dataset.gather([0, index]), /outside 0\.\.3/);
});

test('indices may repeat and come in any order', async () => {
  const dataset = await openDataset(csv);
  assert.deepEqual([...dataset.gather([3, 3, 0]).targets.data], [1, 1, 0]);
});

for (const [title, ref, code, message] of [
  ['an unknown built-in', 'builtin:cats', 'DATASET_NOT_FOUND', /there is digits/],
  ['a prototype name', 'builtin:constructor', 'DATASET_NOT_FOUND', /no built-in/],
  ['a missing file', 'file:/nowhere/at/all', 'DATASET_NOT_FOUND', /no such file or folder/],
  [
    'a scheme of the service',
    'https://example.org/x.npz',
    'DATASET_NOT_FOUND',
    /"https:" references are not available/,
  ],
  ['an empty path', 'file:', 'DATASET_NOT_FOUND', /no such file/],
  ['a device', '/dev/zero', 'DATASET_MALFORMED', /not a regular file/],
  ['a folder of something else', path.dirname(import.meta.dirname), 'DATASET_FORMAT_UNKNOWN', /a folder with/],
] as const) {
  test(`${title} is refused`, () => refuses(() => openDataset(ref), code, message));
}

test('content of no format is refused with its first bytes', async () => {
  const jpeg = folder.write('cat.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16));
  await refuses(() => openDataset(jpeg), 'DATASET_FORMAT_UNKNOWN', /first bytes ffd8ffe0.*npz, npy, parquet/);
  const json = folder.write('data.xml', '<a b="1">\n</a>');
  await refuses(() => openDataset(json), 'DATASET_FORMAT_UNKNOWN', /no dataset format/);
});

test('content decides before the name does', async () => {
  const fixture = path.resolve(import.meta.dirname, '../fixtures/datasets/features.npz');
  symlinkSync(fixture, path.join(folder.path, 'really-npz.csv'));
  assert.equal((await openDataset(path.join(folder.path, 'really-npz.csv'))).format, 'npz');
});

test('with a data root paths start there and cannot leave it', async () => {
  const root = path.join(folder.path, 'root');
  mkdirSync(root);
  symlinkSync(csv, path.join(root, 'link.csv'));
  await refuses(() => openDataset('file:link.csv', {}, { dataRoot: root }), 'DATASET_NOT_FOUND', /under the data root/);
  await refuses(
    () => openDataset('file:../table.csv', {}, { dataRoot: root }),
    'DATASET_NOT_FOUND',
    /under the data root/,
  );
  await refuses(() => openDataset(`file:${csv}`, {}, { dataRoot: root }), 'DATASET_NOT_FOUND', /under the data root/);
  assert.equal((await openDataset('file:table.csv', {}, { dataRoot: folder.path })).size, 4);
  assert.equal((await openDataset(`file:${csv}`, {}, { dataRoot: folder.path })).size, 4);
});

for (const [title, options, message] of [
  ['an unknown option', { normalise: 'unit' }, /normalise is unknown; known are .*normalize/],
  ['__proto__ as an option', JSON.parse('{"__proto__": 1}'), /__proto__ is unknown/],
  ['a split of 1', { validationSplit: 1 }, /validationSplit must be < 1/],
  ['means without deviations', { normalize: { mean: [0, 0], std: [1] } }, /needs 2 numbers/],
  ['an unknown format', { format: 'orc' }, /format must be one of npz, .*, got "orc"/],
  [
    'an unknown normalisation',
    { normalize: 'minmax' },
    /normalize must be one of auto, per-channel, unit, none, got "minmax"/,
  ],
  ['a deviation of 0', { normalize: { mean: [0], std: [0] } }, /normalize\/std\/0 must be > 0, got 0/],
  ['no object', 7, /must be an object/],
] as const) {
  test(`${title} is refused`, () => refuses(async () => parseDatasetOptions(options), 'INVALID_INPUT', message));
}

test('an option of another format is refused, its default is not', async () => {
  await refuses(
    () => openDataset('builtin:digits', { labelColumn: 3 }),
    'INVALID_INPUT',
    /labelColumn does not apply to a dataset of format digits/,
  );
  await openDataset('builtin:digits', parseDatasetOptions({}));
});

test('given means must fit the channels', () =>
  refuses(
    () => openDataset(csv, { normalize: { mean: [1, 2, 3], std: [1, 1, 1] } }),
    'INVALID_INPUT',
    /3 channels, "features" has 2/,
  ));
