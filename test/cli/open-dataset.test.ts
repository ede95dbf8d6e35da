import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openChecked } from '../../src/cli/open-dataset.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const arrow = readFileSync(
  path.resolve(import.meta.dirname, '../fixtures/datasets/corpus/arrow-ipc-file/data/t.arrow'),
);

test('a file that a library reads is opened', async () => {
  const dataset = await openChecked(folder.write('good.arrow', arrow));
  assert.equal(dataset.format, 'arrow');
});

test('a damaged file at which the library never ends is refused with a code', async () => {
  const damaged = Uint8Array.from(arrow);
  for (const [at, byte] of [
    [1791, 217],
    [2023, 172],
    [2179, 49],
  ] as const)
    damaged[at] = byte;
  const file = folder.write('endless.arrow', damaged);
  await refuses(
    () => openChecked(file, {}, 2000),
    'DATASET_INVALID',
    /endless\.arrow: could not be read: it takes longer/,
  );
});
