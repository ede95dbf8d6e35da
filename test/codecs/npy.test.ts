import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Origin } from '../../src/codecs/byte-source.ts';
import { decodeNpy, encodeNpy } from '../../src/codecs/npy.ts';
import { ndarray } from '../../src/ndarray.ts';
import { refuses } from '../support/data-files.ts';
import { preparePython } from '../support/python.ts';

const fixtures = path.resolve(import.meta.dirname, '../fixtures/datasets');
const origin: Origin = { name: 'case.npy', code: 'WEIGHTS_MALFORMED' };
const read = (name: string) => decodeNpy(readFileSync(path.join(fixtures, name)), origin);
const counted = Array.from({ length: 24 }, (_, i) => i);

for (const name of readdirSync(fixtures).filter((file) => /^(dtype-(?!bool)|version-)/.test(file))) {
  test(`${name} as numpy wrote it is read with its shape and values`, async () => {
    const { shape, elements } = await read(name);
    assert.deepEqual(shape, [6, 4]);
    assert.deepEqual([...elements], counted);
  });
}

test('integers, floats and bools keep their kind and a compact type', async () => {
  const rows = [
    ['dtype-bool.npy', 'bool', Uint8Array],
    ['dtype-u1.npy', 'integer', Uint8Array],
    ['dtype-big-i8.npy', 'integer', Int32Array],
    ['dtype-little-f8.npy', 'float', Float32Array],
    ['dtype-big-f2.npy', 'float', Float32Array],
  ] as const;
  for (const [name, kind, type] of rows) {
    const array = await read(name);
    assert.equal(array.kind, kind, name);
    assert.ok(array.elements instanceof type, name);
  }
});

test('an array in Fortran order comes out row-major', async () => {
  const { shape, elements } = await read('fortran.npy');
  assert.deepEqual(shape, [2, 3, 4]);
  assert.deepEqual([...elements], counted);
});

test('a scalar has shape [] and one element', async () => {
  const { shape, elements } = await read('scalar.npy');
  assert.deepEqual([shape, [...elements]], [[], [2.5]]);
});

for (const [name, message] of [
  ['int64-too-large.npy', /element 1 is 2147483648, which does not fit/],
  ['complex.npy', /complex numbers/],
  ['structured.npy', /dtype .* is not a plain number/],
  ['text.npy', /holds text/],
  ['pickle.npy', /Python objects/],
] as const) {
  test(`${name} is refused`, () => refuses(() => read(name), 'WEIGHTS_MALFORMED', message));
}

/** A version 1 file with this dictionary and data. */
function npyFile(dictionary: string, data = new Uint8Array(0)): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(dictionary.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(dictionary), data]);
}
const dictionary = (shape: string, descr = "'<f4'") =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;

for (const [title, bytes, message] of [
  ['an empty file', new Uint8Array(0), /truncated/],
  ['another file', Buffer.from('PK\x03\x04 and so on'), /is not an npy array/],
  ['an unknown version', Buffer.from('\x93NUMPY\x09\x00\x00\x00', 'latin1'), /version 9 is unknown/],
  ['a header that ends early', npyFile(dictionary('(2,)')).subarray(0, 30), /truncated/],
  ['a header of 4 GiB', Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff', 'latin1'), /beyond reason/],
  [
    'data that ends early',
    npyFile(dictionary('(2,)'), new Uint8Array(7)),
    /needs 8 bytes, the file can hold at most 7/,
  ],
  ['data that goes on', npyFile(dictionary('(2,)'), new Uint8Array(9)), /holds more bytes/],
  ['a shape whose product overflows', npyFile(dictionary(`(${2 ** 40}, ${2 ** 40})`)), /more elements than any file/],
  ['a shape that promises terabytes', npyFile(dictionary(`(${2 ** 40},)`), new Uint8Array(8)), /truncated/],
  ['a negative extent', npyFile(dictionary('(-1,)')), /cannot be read/],
  ['code instead of a dictionary', npyFile('__import__("os")\n'), /cannot be read/],
  ['a missing key', npyFile("{'descr': '<f4', 'shape': (2,), }\n"), /fortran_order is missing/],
  ['a dictionary that continues', npyFile(`${dictionary('(2,)').trim()} + 1\n`), /cannot be read/],
] as const) {
  test(`${title} is refused`, () => refuses(() => decodeNpy(bytes, origin), 'WEIGHTS_MALFORMED', message));
}

test('what is written is read back the same', async () => {
  const arrays = [
    ndarray('float32', [2, 3], Float32Array.of(1, -2.5, 3e38, 0, 1e-40, 6)),
    ndarray('int32', [3], Int32Array.of(-1, 2 ** 31 - 1, 0)),
    ndarray('uint8', [1, 2, 1], Uint8Array.of(0, 255)),
    ndarray('float32', [], Float32Array.of(7)),
    ndarray('float32', [0, 4], new Float32Array()),
  ];
  for (const array of arrays) {
    const [header, data] = encodeNpy(array);
    assert.equal(header.byteLength % 64, 0);
    const { shape, elements } = await decodeNpy(Buffer.concat([header, data]), origin);
    assert.deepEqual([shape, elements], [array.shape, array.data]);
  }
});

test('numpy reads what is written', async (t) => {
  const python = await preparePython();
  if (typeof python === 'string') return t.skip(python);
  const [header, data] = encodeNpy(ndarray('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5.5)));
  const hex = Buffer.concat([header, data]).toString('hex');
  const script =
    'import io, sys, numpy as np\na = np.load(io.BytesIO(bytes.fromhex(sys.argv[1])))\nprint(a.dtype.str, a.shape, a.tolist())';
  assert.equal(await python.run(script, [hex]), '<f4 (2, 3) [[0.0, 1.0, 2.0], [3.0, 4.0, 5.5]]');
});
