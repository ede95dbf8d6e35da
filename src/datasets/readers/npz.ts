/** npz: arrays x and y (or x0, x1, ... or any names) of one numpy file; axis 0 is the sample. */
import { malformed } from '../../codecs/byte-source.ts';
import { readNpz } from '../../codecs/npz.ts';
import { type ArrayChoices, chooseArrays } from '../array-names.ts';
import { readDataFile } from '../data-file.ts';
import { defineFormat } from '../dataset-format.ts';
import { arraysToDataset } from './numpy-roles.ts';

export const npz = defineFormat({
  name: 'npz',
  summary: 'numpy arrays x and y in one .npz file; several inputs as x0, x1, ... or by name.',
  options: {},
  conventions: [
    { what: 'numpy: np.savez("train.npz", x=x, y=y)', example: 'train.npz' },
    { what: 'Keras datasets: x_train, y_train, x_test, y_test', example: 'mnist.npz', options: { part: 'test' } },
    { what: 'arrays of other names', example: 'data.npz', options: { inputs: ['pixels'], target: 'digit' } },
  ],

  recognise: ({ kind, members }) =>
    kind === 'zip' && members.some((name) => name.endsWith('.npy')) ? 'is a zip file of numpy arrays (.npy)' : null,

  async read(candidate, _options, reading) {
    const { budget } = reading;
    const { value, sha256 } = await readDataFile(
      candidate.path,
      candidate.label,
      budget.left(),
      async ({ file, origin, isGzip }) => {
        if (isGzip) malformed(origin, 'an npz file must not be compressed again');
        let choices: ArrayChoices | null = null;
        const choose = (all: readonly string[]) => {
          choices = chooseArrays(all, reading, origin);
          return [...choices.chosen.inputs, ...choices.parts.map(({ target }) => target)];
        };
        const arrays = await readNpz(file, choose, budget.left(), origin);
        return { arrays, choices: choices as ArrayChoices | null, origin };
      },
    );
    return arraysToDataset({ ...value, sha256, budget });
  },
});
