/** HDF5 files as h5py writes them, in the oldest and the newest format, read and compared with numpy's own copy. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import type { Origin } from '../../src/codecs/byte-source.ts';
import { openFileSource } from '../../src/codecs/file-source.ts';
import { type Hdf5Dataset, type Hdf5Group, openHdf5, walkHdf5 } from '../../src/codecs/hdf5/index.ts';
import { decodeNpy } from '../../src/codecs/npy.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';
import { numericPackages, preparePython } from '../support/python.ts';

const folder = temporaryFolder().path;
const origin = (name: string): Origin => ({ name, code: 'DATASET_MALFORMED' });
const roomy = 2 ** 30;

const script = readFileSync(path.resolve(import.meta.dirname, 'hdf5-files.py'), 'utf8');

const python = await preparePython([...numericPackages, 'h5py==3.16.0']);
const skip = typeof python === 'string' ? python : false;

before(async () => {
  if (typeof python !== 'string') await python.run(script, [folder]);
});

async function withFile<T>(name: string, read: (root: Hdf5Group) => Promise<T>): Promise<T> {
  const file = await openFileSource(path.join(folder, name), origin(name));
  try {
    return await read(await openHdf5(file, origin(name)));
  } finally {
    await file.close();
  }
}

async function find(root: Hdf5Group, name: string): Promise<Hdf5Dataset> {
  let group = root;
  const parts = name.split('/');
  for (const part of parts.slice(0, -1)) {
    const node = await group.open(part);
    assert.equal(node.kind, 'group');
    if (node.kind === 'group') group = node;
  }
  const node = await group.open(parts.at(-1) ?? '');
  assert.ok(node.kind === 'dataset');
  return node;
}

for (const tag of ['earliest', 'latest']) {
  test(`numbers of the ${tag} format are those that numpy has`, { skip }, async () => {
    await withFile(`${tag}.h5`, async (root) => {
      const names = readdirSync(path.join(folder, tag), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.npy'),
      );
      assert.ok(names.length > 25);
      for (const file of names) {
        const name = file.slice(0, -4);
        const dataset = await find(root, name);
        const expected = await decodeNpy(readFileSync(path.join(folder, tag, file)), origin(file));
        assert.deepEqual(dataset.shape, expected.shape, name);
        assert.deepEqual(await dataset.readNumbers(roomy), expected.elements, name);
      }
    });
  });

  test(`text, attributes, groups and links of the ${tag} format`, { skip }, async () => {
    await withFile(`${tag}.h5`, async (root) => {
      assert.deepEqual(await (await find(root, 'text')).readStrings(roomy), ['plus', 'disc', 'Äpfel', '']);
      assert.deepEqual(await (await find(root, 'bytes')).readStrings(roomy), ['ab', 'c', 'defg']);
      const chunks = await (await find(root, 'text_chunks')).readStrings(roomy);
      assert.deepEqual(
        chunks,
        Array.from({ length: 30 }, (_, i) => `n${i}`),
      );
      const values = (name: string) => root.attributes.get(name)?.values;
      assert.deepEqual(values('layer_names'), ['conv', 'dense']);
      assert.deepEqual(values('backend'), ['tensorflow']);
      assert.deepEqual(values('version'), Int32Array.of(3));
      assert.deepEqual(values('rates'), Float32Array.of(0.5, 0.25));
      assert.equal(values('nothing'), null);
      const many = await root.open('many_attributes');
      assert.deepEqual(
        Array.from({ length: 60 }, (_, i) => many.attributes.get(`name${i}`)?.values),
        Array.from({ length: 60 }, (_, i) => [`value${i}`]),
      );
      const wide = await root.open('wide');
      assert.ok(wide.kind === 'group');
      assert.equal(wide.names.length, 700);
      assert.deepEqual(await (await find(root, 'wide/a0699')).readNumbers(4), Int32Array.of(699));
      await refuses(() => root.open('soft'), 'DATASET_MALFORMED', /"soft" is a soft link, which is never followed/);
      await refuses(
        () => root.open('outside'),
        'DATASET_MALFORMED',
        /"outside" is an external link, to another file, which is never followed/,
      );
      const walked = [];
      for await (const node of walkHdf5(root, origin(tag))) walked.push(`${node.kind} ${node.path}`);
      assert.ok(walked.includes('link outside') && walked.includes('link soft') && walked.includes('other type'));
      assert.equal(walked.filter((line) => /deep\/(again|er\/x)$/.test(line)).length, 1);
    });
  });
}

test('a user block may stand before the file', { skip }, () =>
  withFile('block.h5', async (root) => {
    assert.deepEqual(await (await find(root, 'x')).readNumbers(roomy), Int32Array.of(0, 1, 2));
  }),
);

const refused: readonly (readonly [string, RegExp])[] = [
  ['external.h5', /"x": keeps its data in another file \(external storage\)/],
  ['virtual.h5', /"x": is a virtual dataset, whose data lies in other files/],
  ['lzf.h5', /"x": is stored with the filter lzf, .*compression="gzip"/],
  ['scaleoffset.h5', /"x": is stored with the filter scaleoffset/],
  ['wide_integers.h5', /"x": element 1 is 1099511627776/],
  ['complex.h5', /"x": holds complex numbers/],
  ['records.h5', /"x": holds compound values/],
  ['ragged.h5', /"x": holds lists of different lengths/],
];

for (const [name, words] of refused) {
  test(`${name} is refused`, { skip }, () =>
    refuses(
      () => withFile(name, async (root) => (await find(root, 'x')).readNumbers(roomy)),
      'DATASET_MALFORMED',
      words,
    ),
  );
}

test('terabytes of fill values are refused before anything is allocated', { skip }, () =>
  refuses(
    () => withFile('bomb.h5', async (root) => (await find(root, 'x')).readNumbers(2 ** 32)),
    'DATASET_TOO_LARGE',
    /"x": an array of shape \[1000000000,1000\] takes 4000000000000 bytes in memory, more than the limit/,
  ),
);

test('a changed byte under a checksum is found', { skip }, async () => {
  const bytes = readFileSync(path.join(folder, 'checked.h5'));
  const at = bytes.indexOf(Buffer.from([20, 21, 22, 23, 24, 25]));
  bytes[at] = 99;
  writeFileSync(path.join(folder, 'changed.h5'), bytes);
  await refuses(
    () => withFile('changed.h5', async (root) => (await find(root, 'x')).readNumbers(roomy)),
    'DATASET_MALFORMED',
    /wrong checksum/,
  );
});

test('cut and damaged files end in an error that says so, never in values', { skip, timeout: 120_000 }, async () => {
  for (const tag of ['earliest', 'latest']) {
    const bytes = readFileSync(path.join(folder, `${tag}.h5`));
    writeFileSync(path.join(folder, 'cut.h5'), bytes.subarray(0, bytes.length - 1000));
    await refuses(() => withFile('cut.h5', async (root) => root.names), 'DATASET_MALFORMED', /truncated/);
    // Every byte of the first kilobytes once with all bits turned: any outcome but a crash or an endless loop.
    for (let at = 8; at < 1200; at += 41) {
      const damaged = Buffer.from(bytes.subarray(0, 2 ** 16));
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const file = {
        size: bytes.length,
        readAt: async (from: number, length: number) =>
          Buffer.concat([damaged, bytes.subarray(2 ** 16)]).subarray(from, from + length),
      };
      await openHdf5(file, origin('damaged.h5')).then(
        async (root) => assert.ok(Array.isArray(root.names)),
        (error: { code?: string }) => assert.equal(error.code, 'DATASET_MALFORMED', `byte ${at}: ${error}`),
      );
    }
  }
});
