import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
} from '../../src/codecs/safetensors.ts';
import { AppError } from '../../src/errors.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { preparePython } from '../support/python.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'safetensors-test-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A file with any header and `dataBytes` bytes of data. */
function file(header: unknown, dataBytes = 0, declared?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(declared ?? BigInt(json.byteLength));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

const malformed = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, 'WEIGHTS_MALFORMED');
  assert.match(error.message, pattern);
  return true;
};

const weights = new Map<string, NDArray>([
  ['dense/kernel', ndarray('float32', [2, 3], Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, -0))],
  ['dense/bias', ndarray('float32', [3], Float32Array.of(0.1, 0.2, 0.3))],
  ['scalar', ndarray('float32', [], Float32Array.of(7))],
  ['empty', ndarray('float32', [0, 4], new Float32Array())],
  ['ids', ndarray('int32', [2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1))],
  ['mask', ndarray('uint8', [3], Uint8Array.of(0, 1, 255))],
  ['gewicht/μ "1"\n', ndarray('float32', [1], Float32Array.of(-1))],
  ['0', ndarray('float32', [1], Float32Array.of(4))],
]);

const encode = (tensors: ReadonlyMap<string, NDArray>, metadata = {}) =>
  Buffer.concat([...encodeSafetensors(tensors, metadata)]);

test('every shape, dtype and name survives a round trip through memory and through a file', async () => {
  const metadata = { format: 'pt', note: 'ünïcode' };
  const target = path.join(folder, 'round.safetensors');
  await writeSafetensors(target, weights, metadata);
  for (const read of [decodeSafetensors(encode(weights, metadata), 'memory'), await readSafetensors(target)]) {
    assert.deepEqual(read.metadata, metadata);
    assert.deepEqual(new Map([...read.tensors].sort()), new Map([...weights].sort()));
  }
  assert.deepEqual(await readFile(target), encode(weights, metadata));
});

test('equal weights in equal order give equal bytes, whatever the order of the metadata', () => {
  assert.deepEqual(encode(weights, { a: '1', b: '2' }), encode(new Map(weights), { b: '2', a: '1' }));
});

test('tensors of one element size keep their order', () => {
  const names = ['b', 'a', '10', '9', 'c'];
  const tensors = new Map(names.map((name, index) => [name, ndarray('float32', [1], Float32Array.of(index))]));
  assert.deepEqual([...decodeSafetensors(encode(tensors), 'memory').tensors.keys()], names);
});

test('the data section starts at a multiple of 8 and every tensor at a multiple of its element size', async () => {
  const target = path.join(folder, 'aligned.safetensors');
  await writeSafetensors(target, weights);
  const bytes = await readFile(target);
  assert.equal(Number(bytes.readBigUInt64LE()) % 8, 0);
  for (const { begin, dtype } of (await readSafetensorsHeader(target)).tensors)
    assert.equal(begin % (dtype === 'U8' ? 1 : 4), 0);
});

test('Python reads what is written here, and the other way round, value for value', async (t) => {
  const python = await preparePython();
  if (typeof python === 'string') return t.skip(python);
  const ours = path.join(folder, 'ours.safetensors');
  const theirs = path.join(folder, 'theirs.safetensors');
  await writeSafetensors(ours, weights, { made: 'here' });
  const script = `
import sys, numpy
from safetensors import safe_open
from safetensors.numpy import save_file
with safe_open(sys.argv[1], framework="numpy") as f:
    assert f.metadata() == {"made": "here"}
    tensors = {name: f.get_tensor(name) for name in f.keys()}
tensors["half"] = numpy.array([[1.5, -65504.0], [5.9604645e-08, float("inf")]], dtype=numpy.float16)
tensors["double"] = numpy.array([1e-300, 0.1, -3e38])
tensors["long"] = numpy.array([-5, 2**31 - 1], dtype=numpy.int64)
tensors["short"] = numpy.array([-32768, 32767], dtype=numpy.int16)
tensors["byte"] = numpy.array([-128, 127], dtype=numpy.int8)
tensors["bool"] = numpy.array([True, False])
save_file(tensors, sys.argv[2], metadata={"from": "python"})
`;
  await python.run(script, [ours, theirs]);
  const { tensors, metadata } = await readSafetensors(theirs);
  assert.deepEqual(metadata, { from: 'python' });
  for (const [name, array] of weights) assert.deepEqual(tensors.get(name), array, name);
  const expected = new Map<string, NDArray>([
    ['half', ndarray('float32', [2, 2], Float32Array.of(1.5, -65504, 2 ** -24, Number.POSITIVE_INFINITY))],
    ['double', ndarray('float32', [3], Float32Array.of(0, 0.1, -3e38))],
    ['long', ndarray('int32', [2], Int32Array.of(-5, 2 ** 31 - 1))],
    ['short', ndarray('int32', [2], Int32Array.of(-32768, 32767))],
    ['byte', ndarray('int32', [2], Int32Array.of(-128, 127))],
    ['bool', ndarray('uint8', [2], Uint8Array.of(1, 0))],
  ]);
  for (const [name, array] of expected) assert.deepEqual(tensors.get(name), array, name);
});

test('bfloat16 widens exactly', () => {
  const bytes = file({ w: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, 4);
  bytes.writeUInt16LE(0x3fc0, bytes.length - 4);
  bytes.writeUInt16LE(0xff80, bytes.length - 2);
  assert.deepEqual(
    decodeSafetensors(bytes, 'x').tensors.get('w')?.data,
    Float32Array.of(1.5, Number.NEGATIVE_INFINITY),
  );
});

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const lies: [string, Buffer, RegExp][] = [
  ['an empty file', Buffer.alloc(0), /0 bytes/],
  ['a header longer than allowed', file({}, 0, 100_000_001n), /header of 100000001 bytes/],
  ['a header length near 2^64', file({}, 0, 2n ** 64n - 1n), /header of 18446744073709551615 bytes/],
  ['a header longer than the file', file({}, 0, 3n), /only 2 bytes follow/],
  ['a header that is no object', file('[]'), /does not start with/],
  ['a header that is no JSON', file('{"a":}'), /not JSON/],
  ['a header that is not UTF-8', Buffer.concat([file('{"', 0, 4n), Buffer.from([0xff, 0x7d])]), /not UTF-8/],
  ['text after the header object', file('{} x'), /not JSON/],
  ['offsets outside the file', file({ w: entry(0, 16) }, 8), /"w".*end at byte 16.*8 bytes/],
  ['huge offsets', file({ w: entry(0, 2 ** 53 - 1, [2 ** 51]) }, 8), /"w"/],
  ['offsets that run backwards', file({ w: entry(8, 4, [1]) }, 8), /"w".*backwards/],
  ['negative offsets', file({ w: entry(-4, 0, [1]) }, 8), /"w".*data_offsets/],
  ['fractional offsets', file({ w: entry(0.5, 4, [1]) }, 8), /"w".*data_offsets/],
  [
    'offsets beyond the exact integers',
    file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}}', 8),
    /"w".*data_offsets/,
  ],
  ['three offsets', file({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 8), /"w".*data_offsets/],
  ['overlapping tensors', file({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b".*overlap tensor "a"/],
  ['the same bytes twice', file({ a: entry(0, 8), b: entry(0, 8) }, 8), /overlap/],
  ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /"b".*\[4, 8\).*no tensor/],
  ['bytes after the last tensor', file({ a: entry(0, 4) }, 12), /last 8 bytes/],
  ['a shape that does not fill its bytes', file({ w: entry(0, 8, [3]) }, 8), /"w".*takes 12 bytes.*hold 8/],
  ['a shape whose product overflows', file({ w: entry(0, 0, [2 ** 40, 2 ** 40]) }), /"w".*overflows/],
  ['an overflow hidden by a zero', file({ w: entry(0, 0, [2 ** 40, 2 ** 40, 0]) }), /"w".*overflows/],
  [
    'a product that wraps to the right size in 64 bits',
    file({ w: entry(0, 4, [2 ** 32, 2 ** 32, 1]) }, 4),
    /"w".*overflows/,
  ],
  ['a negative extent', file({ w: entry(0, 4, [-1]) }, 4), /"w".*shape/],
  ['a shape that is a number', file({ w: entry(0, 4, 1) }, 4), /"w".*shape/],
  ['an unknown dtype', file({ w: entry(0, 4, [4], 'F8_E4M3') }, 4), /"w".*"F8_E4M3" is not supported/],
  ['a dtype from the prototype', file({ w: entry(0, 4, [4], 'constructor') }, 4), /"w".*not supported/],
  ['a dtype that is a list', file({ w: entry(0, 4, [1], ['F32']) }, 4), /"w".*not supported/],
  ['an entry that is null', file({ w: null }), /"w".*object/],
  ['an entry that is a text', file({ w: 'F32' }), /"w"/],
  [
    'a tensor given twice',
    file('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
    /"w".*twice/,
  ],
  [
    'a tensor given twice, once escaped',
    file('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0077":{}}'),
    /"w".*twice/,
  ],
  ['a shape given twice', file('{"w":{"dtype":"F32","shape":[0],"shape":[0],"data_offsets":[0,0]}}'), /"shape".*twice/],
  [
    'a tensor named __proto__',
    file('{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
    /"__proto__".*reserved/,
  ],
  ['a tensor named constructor', file({ constructor: entry(0, 0) }), /"constructor".*reserved/],
  ['a tensor named valueOf', file({ valueOf: entry(0, 0) }), /"valueOf".*reserved/],
  ['metadata that is not text', file({ __metadata__: { a: 1 } }), /__metadata__/],
  ['metadata that is a list', file({ __metadata__: [] }), /__metadata__/],
];

for (const [lie, bytes, pattern] of lies) {
  test(`${lie} is refused, in memory and in a file`, async () => {
    assert.throws(() => decodeSafetensors(bytes, 'liar.safetensors'), malformed(pattern));
    const target = path.join(folder, 'liar.safetensors');
    await writeFile(target, bytes);
    await assert.rejects(readSafetensors(target), malformed(pattern));
  });
}

test('a value that its dtype here cannot hold is refused with tensor and element', () => {
  const double = file({ w: entry(0, 16, [2], 'F64') }, 16);
  double.writeDoubleLE(1e39, double.length - 8);
  assert.throws(() => decodeSafetensors(double, 'x'), malformed(/"w".*element 1.*1e\+39.*float32/));
  const long = file({ w: entry(0, 8, [1], 'I64') }, 8);
  long.writeBigInt64LE(2n ** 31n, long.length - 8);
  assert.throws(() => decodeSafetensors(long, 'x'), malformed(/"w".*element 0.*2147483648.*int32/));
});

test('a file cut at any byte is refused and never half read', async () => {
  const bytes = encode(weights, { cut: 'me' });
  const target = path.join(folder, 'cut.safetensors');
  await writeFile(target, bytes);
  for (let length = bytes.length - 1; length >= 0; length--) {
    assert.throws(
      () => decodeSafetensors(bytes.subarray(0, length), 'cut'),
      malformed(/cut/),
      `cut to ${length} bytes`,
    );
    if (length % 16 > 0) continue;
    await truncate(target, length);
    await assert.rejects(readSafetensors(target), malformed(/cut/), `file cut to ${length} bytes`);
  }
});

test('a missing file says so', async () => {
  await assert.rejects(readSafetensors(path.join(folder, 'absent')), { code: 'WEIGHTS_NOT_FOUND' });
  await assert.rejects(readSafetensors(folder), malformed(/not a file/));
});

test('a name that readers would stumble over is not written', () => {
  for (const name of ['__metadata__', '__proto__', 'toString']) {
    const tensors = new Map([[name, ndarray('float32', [], Float32Array.of(1))]]);
    assert.throws(() => encode(tensors), { code: 'ARTIFACT_UNSUPPORTED' });
  }
});
