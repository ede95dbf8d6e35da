import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { writeStateDict } from '../../src/artifacts/state-dict.ts';
import { toBfloat16, toFloat16 } from '../../src/codecs/encode-stored.ts';
import { fromBfloat16, fromFloat16 } from '../../src/codecs/half-float.ts';
import { readSafetensors, readSafetensorsHeader } from '../../src/codecs/safetensors.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const saved = (name: string, dtype: string, aliases: string[] = []) => ({
  name,
  dtype,
  aliases,
  isBuffer: dtype !== 'F32',
});
const floats = (...values: number[]) => ndarray('float32', [values.length], Float32Array.from(values));

const content = {
  report: {},
  weights: new Map<string, NDArray<'float32'>>([
    ['wte.weight', floats(1, 2, 3, 4)],
    ['half', floats(0.1, -2.5)],
    ['brain', floats(0.1, 3e38)],
    ['bn.num_batches_tracked', ndarray('float32', [], Float32Array.of(7))],
    ['mask', floats(1, 0, 1)],
  ]),
  state: [
    saved('wte.weight', 'F32', ['lm_head.weight']),
    saved('half', 'F16'),
    saved('brain', 'BF16'),
    saved('bn.num_batches_tracked', 'I64'),
    saved('mask', 'BOOL'),
  ],
};

test('every name has its shape and type, tied tensors are written under each name', async () => {
  const folder = path.join(root, 'whole');
  await mkdir(folder);
  await writeStateDict(folder, content);
  const file = path.join(folder, 'model.safetensors');
  const header = await readSafetensorsHeader(file);
  assert.deepEqual(header.tensors.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`).sort(), [
    'bn.num_batches_tracked I64 []',
    'brain BF16 [2]',
    'half F16 [2]',
    'lm_head.weight F32 [4]',
    'mask BOOL [3]',
    'wte.weight F32 [4]',
  ]);
  const { tensors, metadata } = await readSafetensors(file);
  assert.deepEqual(metadata, { format: 'pt' });
  assert.deepEqual([...(tensors.get('lm_head.weight')?.data ?? [])], [1, 2, 3, 4]);
  assert.deepEqual([...(tensors.get('bn.num_batches_tracked')?.data ?? [])], [7]);
  assert.deepEqual([...(tensors.get('half')?.data ?? [])], [0.0999755859375, -2.5]);
  assert.equal(tensors.get('brain')?.data[0], 0.10009765625);
});

test('what does not fit one file is cut into several, with the index of Hugging Face', async () => {
  const folder = path.join(root, 'shards');
  await mkdir(folder);
  await writeStateDict(folder, content, 20);
  const files = (await readdir(folder)).sort();
  const index = JSON.parse(await readFile(path.join(folder, 'model.safetensors.index.json'), 'utf8')) as {
    metadata: { total_size: number };
    weight_map: Record<string, string>;
  };
  assert.deepEqual(files, [
    'model-00001-of-00003.safetensors',
    'model-00002-of-00003.safetensors',
    'model-00003-of-00003.safetensors',
    'model.safetensors.index.json',
  ]);
  assert.equal(index.metadata.total_size, 16 + 16 + 4 + 4 + 8 + 3);
  for (const [name, file] of Object.entries(index.weight_map))
    assert.ok((await readSafetensors(path.join(folder, file))).tensors.has(name), name);
});

test('half precision is rounded to the nearest, ties to even, and comes back bit for bit', () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    assert.equal(toFloat16(fromFloat16(bits)), bits);
    assert.equal(toBfloat16(fromBfloat16(bits)), bits);
  }
  assert.equal(toFloat16(1 + 2 ** -11), toFloat16(1));
  assert.equal(toFloat16(1 + 3 * 2 ** -11), toFloat16(1 + 2 ** -9));
  assert.equal(toFloat16(65_519), 0x7bff);
  assert.equal(toFloat16(65_520), 0x7c00);
  assert.equal(toBfloat16(1 + 2 ** -8), toBfloat16(1));
});
