import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { contentGraceMs, sweepContents } from '../../../src/jobs/uploads/sweep.ts';
import { createContentHolds } from '../../../src/queue/content-holds.ts';
import { putStream } from '../../../src/storage/content-store.ts';
import { createLocalContentStore } from '../../../src/storage/local-content.ts';
import { testService } from '../../support/queue-service.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const { client } = await testService();
const holds = createContentHolds(client.redis, client.keys);
const contents = createLocalContentStore({ root: path.join(await temporaryFolder(), 'contents') });

const none = { digests: async () => new Set<string>() };
const recordsOf = (sha256: string) => ({ digests: async () => new Set([sha256]) });
async function stored(text: string, age = 'old'): Promise<string> {
  const { sha256, path: file } = await putStream(contents, Readable.from([Buffer.from(text)]), { maxBytes: 1000 });
  if (age === 'old') await utimes(file, 0, 0);
  return sha256;
}
const isThere = async (sha256: string) => (await contents.locate(sha256)) !== null;

test('an old content that no upload refers to is removed; a referenced, a young and a held one are not', async () => {
  const [orphan, kept, young, held] = [
    await stored('a'),
    await stored('b'),
    await stored('c', 'young'),
    await stored('d'),
  ];
  await holds.hold([held], 60_000);
  assert.equal(await sweepContents(contents, recordsOf(kept), holds), 1);
  assert.deepEqual(await Promise.all([orphan, kept, young, held].map(isThere)), [false, true, true, true]);
  assert.equal(await sweepContents(contents, none, holds, Date.now() + 2 * contentGraceMs), 2, 'all but the held one');
});

test('a removal and a hold exclude each other: who holds waits for the removal, and then nobody removes', async () => {
  const digest = 'e'.repeat(64);
  assert.ok(await holds.claim(digest));
  assert.ok(!(await holds.claim(digest)), 'two processes do not remove one content');
  let isHeld = false;
  const holding = holds.hold([digest], 60_000).then(() => {
    isHeld = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(!isHeld);
  await holds.release(digest);
  await holding;
  assert.ok(!(await holds.claim(digest)));
});

test('a hold ends by itself, a longer one is not cut short by a shorter one', async () => {
  const [short, long] = ['1'.repeat(64), '2'.repeat(64)];
  await holds.hold([long], 60_000);
  await holds.hold([short, long], 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([await holds.claim(short), await holds.claim(long)], [true, false]);
});
