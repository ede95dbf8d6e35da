import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/codecs/crc32.ts';
import { openFileSource } from '../../src/codecs/file-source.ts';
import { encodeNpy } from '../../src/codecs/npy.ts';
import { encodeNpz, readNpz, readNpzFile } from '../../src/codecs/npz.ts';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';
import { preparePython } from '../support/python.ts';

const folder = temporaryFolder();
const fixture = (name: string) => path.resolve(import.meta.dirname, '../fixtures/datasets', name);
const values = ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4.5));
const ids = ndarray('int32', [3], Int32Array.of(7, 8, 9));
const written = (arrays: ReadonlyMap<string, NDArray>) => Buffer.concat([...encodeNpz(arrays)]);

/** A zip of one deflated entry whose directory says what the test wants. */
function deflatedZip(
  name: string,
  content: Uint8Array,
  lies: { size?: number; crc?: number; flags?: number; method?: number } = {},
): Buffer {
  const packed = deflateRawSync(content);
  const nameBytes = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(nameBytes.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(lies.flags ?? 0, 8);
  entry.writeUInt16LE(lies.method ?? 8, 10);
  entry.writeUInt32LE(lies.crc ?? crc32(content), 16);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(lies.size ?? content.length, 24);
  entry.writeUInt16LE(nameBytes.length, 28);
  const start = 30 + nameBytes.length + packed.length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + nameBytes.length, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([local, nameBytes, packed, entry, nameBytes, end]);
}

const smallNpy = Buffer.concat([...encodeNpy(values)]);

test('the checksum is that of the standard', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  assert.equal(crc32(Buffer.from('6789'), crc32(Buffer.from('12345'))), 0xcbf43926);
});

for (const name of ['features.npz', 'streamed.npz']) {
  test(`${name} as Python wrote it is read`, async () => {
    const arrays = await readNpzFile(fixture(name));
    assert.deepEqual([...arrays.keys()], ['x', 'y']);
    assert.deepEqual(arrays.get('x')?.shape, [6, 4]);
    assert.deepEqual([...(arrays.get('y')?.elements ?? [])], [0, 1, 2, 0, 1, 2]);
  });
}

test('what is written is read back, and equal content gives equal bytes', async () => {
  const arrays = new Map<string, NDArray>([
    ['dense/kernel', values],
    ['dense/bias', ids],
  ]);
  const file = folder.write('written.npz', written(arrays));
  const read = await readNpzFile(file);
  assert.deepEqual(
    [...read].map(([name, { shape, elements }]) => [name, shape, elements]),
    [
      ['dense/kernel', values.shape, values.data],
      ['dense/bias', ids.shape, ids.data],
    ],
  );
  assert.deepEqual(written(arrays), readFileSync(file));
});

test('numpy reads what is written', async (t) => {
  const python = await preparePython();
  if (typeof python === 'string') return t.skip(python);
  const file = folder.write(
    'for-numpy.npz',
    written(
      new Map<string, NDArray>([
        ['a/b', values],
        ['ids', ids],
      ]),
    ),
  );
  const script =
    'import sys, numpy as np\nz = np.load(sys.argv[1])\nprint([(k, z[k].dtype.str, z[k].tolist()) for k in z.files])';
  assert.equal(
    await python.run(script, [file]),
    "[('a/b', '<f4', [[1.0, 2.0], [3.0, 4.5]]), ('ids', '<i4', [7, 8, 9])]",
  );
});

test('arrays that are not asked for are passed over, and the hash is that of the whole file', async () => {
  const origin = { name: 'features.npz', code: 'DATASET_MALFORMED' } as const;
  const file = await openFileSource(fixture('features.npz'), origin);
  const arrays = await readNpz(file, () => ['y'], 2 ** 20, origin);
  assert.deepEqual([...arrays.keys()], ['y']);
  assert.equal(file.position() < file.size, true);
  const { createHash } = await import('node:crypto');
  assert.equal(
    await file.sha256(),
    createHash('sha256')
      .update(readFileSync(fixture('features.npz')))
      .digest('hex'),
  );
  await file.close();
});

const good = written(new Map([['x', values]]));
const corrupt = Buffer.from(good);
corrupt[100] = (corrupt[100] ?? 0) ^ 0xff;
const many = Buffer.from(good);
many.writeUInt16LE(9, many.length - 12);
const zeros = Buffer.alloc(4 * 2 ** 20);

for (const [title, bytes, message] of [
  ['a truncated file', good.subarray(0, good.length - 30), /directory at the end of the zip file is missing/],
  ['an empty file', Buffer.alloc(0), /directory at the end/],
  ['a damaged byte', corrupt, /checksum does not match|npy header|npy dtype|cannot be read/],
  ['a directory that lists more than it holds', many, /lists more entries/],
  [
    'a zip without arrays',
    Buffer.concat([...encodeZip([{ name: 'readme.txt', chunks: [Buffer.from('hi')] }])]),
    /without numpy arrays/,
  ],
  ['an encrypted entry', deflatedZip('x.npy', smallNpy, { flags: 1 }), /"x.npy" is encrypted/],
  ['an unknown compression', deflatedZip('x.npy', smallNpy, { method: 12 }), /zip method 12/],
  ['a wrong size in the directory', deflatedZip('x.npy', smallNpy, { size: 5 }), /promises 5 bytes/],
  ['a wrong checksum', deflatedZip('x.npy', smallNpy, { crc: 1 }), /checksum does not match/],
  ['a bomb behind a small array', deflatedZip('x.npy', Buffer.concat([smallNpy, zeros])), /holds more bytes/],
  [
    'a name twice',
    Buffer.concat([...encodeZip([1, 2].map(() => ({ name: 'x.npy', chunks: [smallNpy] })))]),
    /names an entry twice/,
  ],
] as const) {
  test(`${title} is refused`, async () => {
    const file = folder.write('bad.npz', bytes);
    await refuses(() => readNpzFile(file), 'WEIGHTS_MALFORMED', message);
  });
}

test('an array larger than the limit is refused before it is inflated', async () => {
  const [header] = encodeNpy(ndarray('uint8', [zeros.length], zeros));
  const file = folder.write('bomb.npz', deflatedZip('x.npy', Buffer.concat([header, zeros])));
  const origin = { name: 'bomb.npz', code: 'DATASET_MALFORMED' } as const;
  const source = await openFileSource(file, origin);
  await refuses(() => readNpz(source, (names) => names, 2 ** 20, origin), 'DATASET_TOO_LARGE', /takes 4194304 bytes/);
  await source.close();
});

test('two entries that share bytes are refused', async () => {
  const bytes = Buffer.concat([
    ...encodeZip([
      { name: 'x.npy', chunks: [smallNpy] },
      { name: 'y.npy', chunks: [smallNpy] },
    ]),
  ]);
  const second = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  bytes.writeUInt32LE(0, second + 42);
  const file = path.join(folder.path, 'overlap.npz');
  writeFileSync(file, bytes);
  await refuses(() => readNpzFile(file), 'WEIGHTS_MALFORMED', /overlaps the one before/);
});

test('a file that is not there is not found', () =>
  refuses(() => readNpzFile(path.join(folder.path, 'absent.npz')), 'WEIGHTS_NOT_FOUND', /cannot be opened/));
