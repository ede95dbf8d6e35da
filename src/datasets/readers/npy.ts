/** npy: inputs in one file (x.npy), targets beside it (y.npy), or a folder of them (X_train.npy, y_train.npy, X_test.npy, ...). */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Origin } from '../../codecs/byte-source.ts';
import { isNpy, type NpyArray, readNpy } from '../../codecs/npy.ts';
import { AppError } from '../../errors.ts';
import { chooseArrays } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import { type Candidate, memberPath } from '../candidate.ts';
import { combineDigests, readDataFile } from '../data-file.ts';
import { defineFormat, type RawDataset, type Reading } from '../dataset-format.ts';
import { partOf } from '../parts.ts';
import { arraysToDataset } from './numpy-roles.ts';

const suffix = /\.npy$/i;

/** What the inputs' name is replaced by. */
const pairs: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(.*[_-])?x((?:[_-].*)?\.npy)$/i, ['y', 'Y', 'labels', 'targets']],
  [/^(.*[_-])?(?:images|inputs|features|data)((?:[_-].*)?\.npy)$/i, ['labels', 'targets', 'y']],
];

export const npy = defineFormat({
  name: 'npy',
  summary:
    'A numpy pair: x.npy (or images.npy, x_train.npy, ...) with y.npy (labels.npy, y_train.npy) beside it, or a folder of them.',
  options: {},
  readsBeside: true,
  conventions: [
    { what: 'x.npy with y.npy beside it', example: 'x.npy' },
    {
      what: 'a folder with X_train.npy, y_train.npy, X_test.npy, y_test.npy',
      example: 'arrays/',
      options: { part: 'test' },
    },
  ],
  recognise: ({ head, kind, members }) => {
    if (kind === 'file') return isNpy(head) ? 'begins with \\x93NUMPY' : null;
    const isFolder = kind === 'folder' && members.length > 1 && members.every((name) => suffix.test(name));
    return isFolder ? 'is a folder of .npy files' : null;
  },
  read: (candidate, _options, reading) =>
    candidate.kind === 'folder' ? readFolder(candidate, reading) : readPair(candidate, reading),
});

async function readFolder(candidate: Candidate, reading: Reading): Promise<RawDataset> {
  const origin: Origin = { name: candidate.label, code: 'DATASET_MALFORMED' };
  const names = candidate.members.filter((name) => suffix.test(name)).map((name) => name.replace(suffix, ''));
  const choices = chooseArrays(names, reading, origin);
  return readArrays(candidate, choices, (name) => `${name}.npy`, origin, reading.budget);
}

/** One file and the targets that lie beside it are a part of their own. */
async function readPair(candidate: Candidate, { part, budget }: Reading): Promise<RawDataset> {
  const inputs = path.basename(candidate.path);
  const target = await findTargets(candidate.path, candidate.label);
  const folder = { path: path.dirname(candidate.path), label: path.dirname(candidate.label) };
  const chosen = { part: partOf(inputs) ?? part, inputs: [inputs], target };
  const origin: Origin = { name: candidate.label, code: 'DATASET_MALFORMED' };
  const raw = await readArrays(folder, { chosen, parts: [chosen] }, (name) => name, origin, budget);
  return { ...raw, inputs: raw.inputs.map((input) => ({ ...input, name: 'x' })) };
}

async function readArrays(
  folder: Pick<Candidate, 'path' | 'label'>,
  choices: ReturnType<typeof chooseArrays>,
  fileOf: (name: string) => string,
  origin: Origin,
  budget: Budget,
): Promise<RawDataset> {
  const names = [...choices.chosen.inputs, ...choices.parts.map(({ target }) => target)];
  const files = [];
  for (const name of names) {
    const file = fileOf(name);
    files.push({ array: name, ...(await readArray(memberPath(folder, file), path.join(folder.label, file), budget)) });
  }
  const arrays = new Map<string, NpyArray>(files.map(({ array, value }) => [array, value]));
  return arraysToDataset({ arrays, choices, origin, sha256: combineDigests(files), budget });
}

const readArray = (file: string, label: string, budget: Budget) =>
  readDataFile(file, label, Math.max(budget.left(), 2 ** 20), ({ content, origin }) =>
    readNpy(content, budget.left(), origin),
  );

async function findTargets(inputsPath: string, label: string): Promise<string> {
  const name = path.basename(inputsPath);
  const entries = await readdir(path.dirname(inputsPath));
  for (const [pattern, replacements] of pairs) {
    const [, before = '', after = ''] = pattern.exec(name) ?? [];
    if (!pattern.test(name)) continue;
    const found = replacements.map((word) => `${before}${word}${after}`).find((other) => entries.includes(other));
    if (found !== undefined) return found;
  }
  throw new AppError(
    'DATASET_NOT_FOUND',
    `${label}: no targets were found beside it: x.npy goes with y.npy, images.npy with labels.npy`,
  );
}
