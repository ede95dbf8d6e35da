/** Buffers of Arrow that are compressed: what they promise is checked before memory is taken. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readArrow } from '../../src/codecs/arrow.ts';
import { refuses } from '../support/data-files.ts';

const origin = { name: 't.feather', code: 'DATASET_MALFORMED' } as const;
const limit = 2 ** 24;

const read = async (bytes: Uint8Array, maxBatchBytes = limit) => {
  const table = await readArrow(bytes, maxBatchBytes, origin);
  return [...table.batches()].map((batch) => table.fields.map((_, i) => [...table.vector(batch, i)].map(Number)));
};

/** Where the magic number of a frame lies: its length before compression is in the 8 bytes before it. */
const frameOf = (bytes: Buffer, magic: number) => {
  const at = Array.from({ length: bytes.length - 4 }, (_, i) => i).find((i) => bytes.readUInt32LE(i) === magic);
  assert.ok(at !== undefined, 'the fixture has no compressed buffer');
  return at;
};

for (const [name, magic] of [
  ['lz4', 0x184d2204],
  ['zstd', 0xfd2fb528],
] as const) {
  const file = () => readFileSync(path.resolve(import.meta.dirname, `../fixtures/datasets/feather-${name}.feather`));
  const promising = (bytes: bigint) => {
    const changed = file();
    changed.writeBigInt64LE(bytes, frameOf(changed, magic) - 8);
    return changed;
  };

  test(`${name}: numbers are read`, async () => {
    const [[numbers = [], labels = []] = []] = await read(file());
    assert.equal(numbers.length, 4000);
    assert.ok(numbers.every((value) => value === 1.5));
    assert.ok(labels.every((value, i) => value === i % 3));
  });

  test(`${name}: a promise of terabytes is refused before memory is taken`, () =>
    refuses(() => read(promising(2n ** 42n)), 'DATASET_TOO_LARGE', /t\.feather.*promises 4398046511104/));

  test(`${name}: a batch beyond the limit is refused`, () =>
    refuses(() => read(file(), 10_000), 'DATASET_TOO_LARGE', /promises 32000/));

  test(`${name}: more bytes than promised are refused`, () =>
    refuses(() => read(promising(800n)), 'DATASET_MALFORMED', /more bytes than it promises|promises 800 bytes/));

  test(`${name}: fewer bytes than promised are refused`, () =>
    refuses(() => read(promising(64_000n)), 'DATASET_MALFORMED', /promises 64000 bytes and holds 32000/));
}
