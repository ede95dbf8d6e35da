import assert from 'node:assert/strict';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { artifactFormats } from '../../src/artifacts/index.ts';
import { publishArtifacts } from '../../src/artifacts/publish.ts';
import { readWeights } from '../../src/artifacts/read.ts';
import { writeSafetensors } from '../../src/codecs/safetensors.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const kernel = ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4));

test('the format is told by content, not by name; a folder gives the artifact in it', async () => {
  const out = path.join(root, 'out');
  await publishArtifacts(out, [artifactFormats['tfjs-layers'], artifactFormats.safetensors], {
    topologyJson: {},
    weights: new Map([['dense/kernel', kernel]]),
    report: {},
  });
  await rename(path.join(out, 'weights.safetensors'), path.join(out, 'weights'));
  for (const file of ['', 'weights', 'tfjs', 'tfjs/model.json']) {
    assert.deepEqual(await readWeights(path.join(out, file)), new Map([['dense/kernel', kernel]]), file);
  }
});

test('a safetensors header of 123 bytes, whose first byte reads as "{", is still safetensors', async () => {
  const file = path.join(root, 'brace');
  await writeSafetensors(file, new Map([['w', kernel]]));
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE());
  bytes.writeBigUInt64LE(123n);
  const padding = Buffer.alloc(123 - length, ' ');
  await writeFile(file, Buffer.concat([bytes.subarray(0, 8 + length), padding, bytes.subarray(8 + length)]));
  assert.deepEqual([...(await readWeights(file)).keys()], ['w']);
});

test('nothing at the path, or a folder without weights, says so', async () => {
  const empty = path.join(root, 'empty');
  await mkdir(empty);
  await assert.rejects(readWeights(path.join(root, 'absent')), { code: 'WEIGHTS_NOT_FOUND' });
  await assert.rejects(readWeights(empty), { code: 'WEIGHTS_NOT_FOUND', message: /weights\.safetensors/ });
});

/** A tfjs model with one shard of 20 bytes; `manifest` describes it, truly or not. */
async function tfjs(name: string, manifest: unknown): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  await writeFile(path.join(folder, 'shard.bin'), Buffer.alloc(20, 1));
  await writeFile(
    path.join(folder, 'model.json'),
    typeof manifest === 'string' ? manifest : JSON.stringify({ weightsManifest: manifest }),
  );
  return path.join(folder, 'model.json');
}

const entry = (name: string, shape: unknown, dtype: unknown = 'float32', more = {}) => ({
  name,
  shape,
  dtype,
  ...more,
});
const group = (weights: unknown, paths: unknown = ['shard.bin']) => [{ paths, weights }];

test('float32, int32 and bool weights of a manifest are read, across groups', async () => {
  const first = {
    paths: ['shard.bin'],
    weights: [entry('mask', [4], 'bool'), entry('ids', [2], 'int32'), entry('w', [2, 1])],
  };
  const second = { paths: ['shard.bin'], weights: [entry('v', [5])] };
  const weights = await readWeights(await tfjs('true', [first, second]));
  const value = new Float32Array(Uint8Array.of(1, 1, 1, 1).buffer)[0] as number;
  const expected = new Map<string, NDArray>([
    ['mask', ndarray('uint8', [4], Uint8Array.of(1, 1, 1, 1))],
    ['ids', ndarray('int32', [2], Int32Array.of(0x01010101, 0x01010101))],
    ['w', ndarray('float32', [2, 1], Float32Array.of(value, value))],
    ['v', ndarray('float32', [5], new Float32Array(5).fill(value))],
  ]);
  assert.deepEqual(weights, expected);
});

const lies: [string, unknown, RegExp][] = [
  ['text that is no JSON', '{"weightsManifest":', /not JSON/],
  ['no manifest', '{"modelTopology":{}}', /no weightsManifest/],
  ['a manifest from the prototype', '{"__proto__":{"weightsManifest":[]}}', /no weightsManifest/],
  ['a group without weights', [{ paths: [] }], /weightsManifest\[0\]/],
  ['a group that is null', [null], /weightsManifest\[0\]/],
  ['a missing shard', group([entry('w', [5])], ['absent.bin']), /absent\.bin is missing/],
  ['a shard outside the folder', group([entry('w', [5])], ['../shard.bin']), /"\.\.\/shard\.bin" must lie beside/],
  ['an absolute shard', group([entry('w', [5])], ['/etc/hostname']), /must lie beside/],
  ['a shard with a zero byte', group([entry('w', [5])], ['a\0b']), /must lie beside/],
  ['a shard that is a number', group([entry('w', [5])], [1]), /must lie beside/],
  ['a truncated shard', group([entry('w', [6])]), /take 24 bytes.*hold 20.*truncated/],
  ['a shard that is too long', group([entry('w', [4])]), /take 16 bytes.*hold 20/],
  ['a shape that overflows', group([entry('w', [2 ** 40, 2 ** 40])]), /"w".*shape/],
  ['a negative extent', group([entry('w', [-5])]), /"w".*shape/],
  ['a shape that is a text', group([entry('w', '5')]), /"w".*shape/],
  ['an unknown dtype', group([entry('w', [5], 'complex64')]), /"w".*"complex64"/],
  [
    'an unknown quantization',
    group([entry('w', [5], 'float32', { quantization: { dtype: 'uint8' } })]),
    /"w".*quantization/,
  ],
  ['a weight given twice', group([entry('w', [2]), entry('w', [3])]), /"w" appears twice/],
  ['a weight without a name', group([{ shape: [5], dtype: 'float32' }]), /no name/],
  ['a weight named __proto__', group([entry('__proto__', [5])]), /"__proto__".*reserved/],
];

for (const [lie, manifest, pattern] of lies) {
  test(`tfjs: ${lie} is refused`, async () => {
    await assert.rejects(readWeights(await tfjs(lie.replaceAll(/\W/g, '-'), manifest)), {
      code: 'WEIGHTS_MALFORMED',
      message: pattern,
    });
  });
}
