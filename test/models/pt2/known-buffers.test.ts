/** Buffers that an export on the meta device names without values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownBuffer } from '../../../src/models/pt2/known-buffers.ts';
import { storedTensors } from '../../../src/models/pt2/tensors.ts';

/** The description that torch.export writes of an empty file of 64-bit integers, 5, or floats, 7. */
function described(name: string, sizes: readonly number[], dtype: number) {
  const meta = { dtype, sizes: sizes.map((size) => ({ as_int: size })), requires_grad: false };
  const config = { [name]: { path_name: 'tensor_0', is_param: false, use_pickle: false, tensor_meta: meta } };
  const tensor = storedTensors(config, 'data/constants', new Map([['data/constants/tensor_0', 0]])).get(name);
  assert.ok(tensor && !tensor.hasValues);
  return tensor;
}

test('positions count, types of tokens are 0', () => {
  const positions = knownBuffer(described('bert.embeddings.position_ids', [1, 4], 5));
  assert.deepEqual([...(positions?.data ?? [])], [0, 1, 2, 3]);
  assert.match(positions?.notice ?? '', /bert\.embeddings\.position_ids.*meta device/);
  assert.deepEqual([...(knownBuffer(described('token_type_ids', [1, 3], 5))?.data ?? [])], [0, 0, 0]);
});

for (const [name, sizes, dtype] of [
  ['rotary.inv_freq', [8], 7],
  ['position_ids', [2, 4], 5],
  ['position_ids', [1, 4], 7],
  ['attn.relative_position_index', [16, 16], 5],
] as const) {
  test(`nothing is guessed for ${name} [${sizes}] of type ${dtype}`, () => {
    assert.equal(knownBuffer(described(name, sizes, dtype)), undefined);
  });
}
