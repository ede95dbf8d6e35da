/** npy: inputs in one file (x.npy), targets beside it (y.npy). */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isNpy, readNpy } from '../codecs/npy.ts';
import { AppError } from '../errors.ts';
import { combineDigests, readDataFile } from './data-file.ts';
import { type Budget, defineFormat, sampleName } from './dataset-format.ts';
import { toInput, toTargets } from './numpy-roles.ts';

/** What the inputs' name is replaced by. */
const pairs: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(.*[_-])?x((?:[_-].*)?\.npy)$/i, ['y', 'Y', 'labels', 'targets']],
  [/^(.*[_-])?(?:images|inputs|features|data)((?:[_-].*)?\.npy)$/i, ['labels', 'targets', 'y']],
];

export const npy = defineFormat({
  name: 'npy',
  summary: 'A numpy pair: x.npy (or images.npy, x_train.npy, ...) with y.npy (labels.npy, y_train.npy) beside it.',
  options: {},
  detect: ({ head, isDirectory }) => !isDirectory && isNpy(head),

  async read(candidate, _options, budget) {
    const targetsPath = await findTargets(candidate.path, candidate.label);
    const inputs = await readArray(candidate.path, candidate.label, budget);
    const targets = await readArray(
      targetsPath,
      path.join(path.dirname(candidate.label), path.basename(targetsPath)),
      budget,
    );
    const [count, targetCount] = [inputs.value.shape[0], targets.value.shape[0]];
    if (count === undefined || count !== targetCount) {
      const counts = `${targetCount ?? 0} targets, ${inputs.name} holds ${count ?? 0} samples`;
      throw new AppError('DATASET_MALFORMED', `${targets.name}: holds ${counts}`);
    }
    return {
      inputs: [toInput('x', inputs.value)],
      targets: toTargets(targets.value),
      sha256: combineDigests([inputs, targets]),
      locate: sampleName,
    };
  },
});

const readArray = (file: string, label: string, budget: Budget) =>
  readDataFile(file, label, Math.max(budget.left(), 2 ** 20), async ({ content, origin }) => {
    const array = await readNpy(content, budget.left(), origin);
    budget.take(array.elements.byteLength, origin.name);
    return array;
  });

async function findTargets(inputsPath: string, label: string): Promise<string> {
  const name = path.basename(inputsPath);
  const entries = await readdir(path.dirname(inputsPath));
  for (const [pattern, replacements] of pairs) {
    const [, before = '', after = ''] = pattern.exec(name) ?? [];
    if (!pattern.test(name)) continue;
    const found = replacements.map((word) => `${before}${word}${after}`).find((other) => entries.includes(other));
    if (found !== undefined) return path.join(path.dirname(inputsPath), found);
  }
  throw new AppError(
    'DATASET_NOT_FOUND',
    `${label}: no targets were found beside it: x.npy goes with y.npy, images.npy with labels.npy`,
  );
}
