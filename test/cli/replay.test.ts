import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { run as replay } from '../../src/cli/replay.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';
import {
  gradinitCases,
  metainitCases,
  referenceFolder,
  replayChecker,
  skipWithoutReference,
} from '../support/reference.ts';

const folder = temporaryFolder();
const skip = skipWithoutReference;

/** Runs the command and gives the one document that it prints. */
async function printedBy(t: TestContext, args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const log = t.mock.method(console, 'log', (text: string) => void printed.push(text));
  assert.equal(await replay(args), 0);
  log.mock.restore();
  assert.equal(printed.length, 1, 'one document on standard output');
  return printed[0] as string;
}

for (const [name, file] of [...gradinitCases, ...metainitCases]) {
  for (const flags of [[], ['--eager']]) {
    test(`${name}/${file} is replayed within its tolerance ${flags.join('')}`, { skip }, async (t) => {
      const expected = path.join(referenceFolder, name, file);
      const document = await printedBy(t, [path.join(referenceFolder, name), '--expected', expected, ...flags]);
      const checked = spawnSync(process.execPath, [replayChecker, expected, '-'], {
        input: document,
        encoding: 'utf8',
      });
      assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    });
  }
}

/** A copy of a case with another expected.json. */
function changedCase(name: string, change: (recorded: ReturnType<typeof JSON.parse>) => void): string {
  const copy = path.join(folder.path, `${name}-${Math.random()}`);
  cpSync(path.join(referenceFolder, name), copy, { recursive: true });
  const file = path.join(copy, 'expected.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8'));
  change(recorded);
  writeFileSync(file, JSON.stringify(recorded));
  return copy;
}

test('a recording may end on the constraint branch, with no draw to spare', { skip }, async (t) => {
  const copy = changedCase('mlp-edge', (recorded) => {
    recorded.config.iterations = 6; // C O O O O C: 2 draws each for C, 4 for O
    recorded.draws = recorded.draws.slice(0, 20);
  });
  const { iterations } = JSON.parse(await printedBy(t, [copy]));
  assert.deepEqual(iterations.map(({ branch }: { branch: string }) => branch[0]).join(''), 'cooooc');
});

const refused: readonly [
  title: string,
  change: (recorded: ReturnType<typeof JSON.parse>) => void,
  code: 'REPLAY_MALFORMED' | 'METHOD_UNKNOWN',
  message: RegExp,
][] = [
  ['draws that are used up', (recorded) => recorded.draws.splice(5), 'REPLAY_MALFORMED', /only 5 draws/],
  ['no configuration', (recorded) => delete recorded.config, 'REPLAY_MALFORMED', /expected\.json.*config/],
  ['draws that are no indices', (recorded) => recorded.draws.splice(0, 1, [-1]), 'REPLAY_MALFORMED', /\/draws\/0/],
  [
    'an unknown algorithm',
    (recorded) => Object.assign(recorded.config, { algorithm: 'valueOf' }),
    'METHOD_UNKNOWN',
    /valueOf/,
  ],
  ['a draw beyond the data', (recorded) => recorded.draws.splice(0, 1, [90_000]), 'REPLAY_MALFORMED', /90000/],
];
for (const [title, change, code, message] of refused) {
  test(`a recording with ${title} is refused`, { skip }, () =>
    refuses(() => replay([changedCase('mlp-edge', change)]), code, message),
  );
}

test('a folder that does not exist is refused', () =>
  refuses(() => replay([path.join(folder.path, 'none')]), 'REPLAY_MALFORMED', /cannot be read/));
test('the folder must be named', () => refuses(() => replay([]), 'USAGE', /usage: gradinit replay/));
