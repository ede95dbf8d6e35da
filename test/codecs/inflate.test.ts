import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fill, memorySource, type Origin } from '../../src/codecs/byte-source.ts';
import { gunzip, isGzip } from '../../src/codecs/inflate.ts';
import { refuses } from '../support/data-files.ts';

const origin: Origin = { name: 'case.gz', code: 'DATASET_MALFORMED' };
const content = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * i) % 251));

async function inflated(bytes: Uint8Array, maxBytes = 2 ** 30): Promise<Buffer> {
  const source = gunzip(memorySource(bytes), maxBytes, origin);
  const target = Buffer.alloc(content.length + 1);
  const length = await fill(source, target);
  await source.close();
  return target.subarray(0, length);
}

test('a gzip file gives its content, one of several members too', async () => {
  const whole = gzipSync(content);
  assert.ok(isGzip(whole));
  assert.ok((await inflated(whole)).equals(content));
  const half = content.length / 2;
  const members = Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]);
  assert.ok((await inflated(members)).equals(content));
});

test('the bound never promises more than deflate can give', async () => {
  const packed = gzipSync(Buffer.alloc(100_000));
  assert.ok(gunzip(memorySource(packed), 2 ** 30, origin).bound() >= 100_000);
});

test('a truncated or damaged file is refused', async () => {
  const packed = gzipSync(content);
  await refuses(() => inflated(packed.subarray(0, packed.length - 20)), 'DATASET_MALFORMED', /damaged or truncated/);
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, 100, 200);
  await refuses(() => inflated(damaged), 'DATASET_MALFORMED', /damaged or truncated/);
});

test('content beyond the cap is refused', () =>
  refuses(() => inflated(gzipSync(Buffer.alloc(500_000)), 400_000), 'DATASET_TOO_LARGE', /more than 400000 bytes/));
