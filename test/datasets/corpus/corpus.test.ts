/** Every file of the corpus through `gradinit dataset --write`: accepted ones equal to their truth, others refused with the words that help. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run as dataset } from '../../../src/cli/dataset.ts';
import type { NpyArray } from '../../../src/codecs/npy.ts';
import { readNpzFile } from '../../../src/codecs/npz.ts';
import { openDataset } from '../../../src/datasets/index.ts';
import { AppError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/data-files.ts';
import { type CorpusCase, readCases } from './cases.ts';
import { notYet } from './not-yet.ts';

const folder = temporaryFolder();
const root = path.resolve(import.meta.dirname, '../../..');
const shared = path.resolve(root, '../shared/datasets');
const vendored = path.join(root, 'test/fixtures/datasets/corpus');

/** Suffixes of the arrays of each part in expected.npz. */
const parts = [
  { part: 'train', suffix: '' },
  { part: 'validation', suffix: '_val' },
  { part: 'test', suffix: '_test' },
] as const;

for (const [title, place] of [
  ['corpus', shared],
  ['vendored', vendored],
] as const) {
  if (!existsSync(place)) {
    test(`${title}: all cases`, { skip: `${place} is not there: the large corpus is not checked` }, () => {});
    continue;
  }
  for (const one of readCases(place)) {
    const check = () => (one.expected === null ? checkRefused(one) : checkAccepted(one, one.expected));
    if (!notYet.has(one.name)) test(`${title}: ${one.name} is ${one.kind}`, check);
    else
      test(`${title}: ${one.name} is not ${one.kind} yet`, () =>
        assert.rejects(check, /./, 'passes now: take it off the list'));
  }
}

async function checkAccepted(one: CorpusCase, expectedFile: string): Promise<void> {
  const expected = await readNpzFile(expectedFile);
  for (const { part, suffix } of parts) {
    if (!expected.has(`y${suffix}`)) continue;
    const written = path.join(folder.path, `${one.name}${suffix}.npz`);
    const options = JSON.stringify(one.options);
    await silently(() =>
      dataset(['--dataset', one.file, '--dataset-options', options, '--part', part, '--write', written]),
    );
    const arrays = await readNpzFile(written);
    for (const [name, array] of arrays) compare(`${name}${suffix}`, array, expected.get(`${name}${suffix}`), one);
  }
  if (one.classes !== undefined) {
    const { found } = await openDataset(one.file, one.options);
    assert.deepEqual(found.classNames, one.classes);
  }
}

function compare(
  name: string,
  have: NpyArray,
  want: NpyArray | undefined,
  { tolerance = 0, toleranceOf }: CorpusCase,
): void {
  assert.ok(want, `${name} is not expected`);
  assert.deepEqual(have.shape, want.shape, name);
  let [largest, sum] = [0, 0];
  for (const [i, value] of have.elements.entries()) {
    const difference = Math.abs(value - (want.elements[i] as number));
    assert.ok(!Number.isNaN(difference), `${name}[${i}]`);
    if (difference > largest) largest = difference;
    sum += difference;
  }
  const difference = toleranceOf === 'mean' ? sum / have.elements.length : largest;
  assert.ok(difference <= tolerance, `${name} differs by ${difference}, allowed are ${tolerance}`);
}

async function checkRefused(one: CorpusCase): Promise<void> {
  const outcome = await openDataset(one.file, one.options).catch((error: unknown) => error);
  if (one.mayBeAccepted && !(outcome instanceof Error)) return;
  assert.ok(outcome instanceof AppError, outcome instanceof Error ? outcome.stack : 'was accepted');
  assert.notEqual(outcome.code, 'INTERNAL');
  // The path of the file says nothing about what is wrong with it.
  const message = outcome.message.replaceAll(one.file, '').replaceAll(path.basename(one.file), '');
  for (const words of one.mustName)
    assert.ok(
      words.split('|').some((word) => message.toLowerCase().includes(word.toLowerCase())),
      `the message lacks ${words}: ${message}`,
    );
}

async function silently(run: () => Promise<unknown>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  try {
    await run();
  } finally {
    console.log = log;
  }
}
