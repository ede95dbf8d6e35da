/** npz: arrays x (or x0, x1, ... or any names) and y of one numpy file; axis 0 is the sample. */
import { Type } from 'typebox';
import { malformed, type Origin } from '../codecs/byte-source.ts';
import { readNpz } from '../codecs/npz.ts';
import { isZip } from '../codecs/zip.ts';
import { readDataFile } from './data-file.ts';
import { defineFormat, partOption, sampleName } from './dataset-format.ts';
import { toInput, toTargets } from './numpy-roles.ts';

const inputNames = ['x', 'X', 'inputs', 'images', 'features', 'data'];
const targetNames = ['y', 'Y', 'targets', 'target', 'labels', 'label'];

interface Names {
  readonly inputs: readonly string[];
  readonly target: string;
}

export const npz = defineFormat({
  name: 'npz',
  summary: 'numpy arrays x and y in one .npz file; several inputs as x0, x1, ... or by name.',
  options: {
    part: partOption,
    inputs: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        minItems: 1,
        maxItems: 64,
        uniqueItems: true,
        description:
          'npz: the arrays of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...',
      }),
    ),
    target: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'npz: the array of the targets. Default: y, Y, labels, targets or y_train.',
      }),
    ),
  },

  detect: ({ head, isDirectory }) => !isDirectory && isZip(head),

  async read(candidate, options, budget) {
    const { value, sha256 } = await readDataFile(
      candidate.path,
      candidate.label,
      budget.left(),
      async ({ file, origin, isGzip }) => {
        if (isGzip) malformed(origin, 'an npz file must not be compressed again');
        let names: Names = { inputs: [], target: '' };
        const choose = (all: readonly string[]) => {
          names = chooseNames(all, options, origin);
          return [...names.inputs, names.target];
        };
        const arrays = await readNpz(file, choose, budget.left(), origin);
        const inputs = names.inputs.map((name) => [name, arrays.get(name)] as const);
        return { inputs, target: arrays.get(names.target), targetName: names.target, origin };
      },
    );
    const { inputs, target, targetName, origin } = value;
    if (target === undefined || target.shape.length === 0)
      return malformed(origin, `array "${targetName}" has no sample axis`);
    budget.take(target.elements.byteLength, origin.name);
    return {
      inputs: inputs.map(([name, array]) => {
        if (array === undefined || array.shape.length === 0)
          return malformed(origin, `array "${name}" has no sample axis`);
        if (array.shape[0] !== target.shape[0]) {
          malformed(origin, `"${name}" holds ${array.shape[0]} samples, "${targetName}" holds ${target.shape[0]}`);
        }
        budget.take(array.elements.byteLength, origin.name);
        return toInput(name, array);
      }),
      targets: toTargets(target),
      sha256,
      locate: sampleName,
    };
  },
});

interface Wish {
  readonly part: 'train' | 'test';
  readonly inputs?: readonly string[];
  readonly target?: string;
}

function chooseNames(all: readonly string[], wish: Wish, origin: Origin): Names {
  const found = `found ${all.map((name) => JSON.stringify(name)).join(', ')}`;
  for (const name of [...(wish.inputs ?? []), ...(wish.target === undefined ? [] : [wish.target])]) {
    if (!all.includes(name)) malformed(origin, `holds no array ${JSON.stringify(name)}; ${found}`);
  }
  const target = wish.target ?? variants(targetNames, wish.part).find((name) => all.includes(name));
  if (target === undefined)
    return malformed(
      origin,
      `holds no targets named y, labels or y_${wish.part}; ${found}; name them by the option "target"`,
    );
  const inputs = wish.inputs ?? findInputs(all, target, wish.part);
  if (inputs.length === 0) return malformed(origin, `holds no inputs; ${found}; name them by the option "inputs"`);
  if (inputs.includes(target)) return malformed(origin, `array ${JSON.stringify(target)} cannot be input and target`);
  return { inputs, target };
}

/** x, then x_train and train_x; the test set only by its own names. */
function variants(names: readonly string[], part: 'train' | 'test'): string[] {
  const ofPart = names.flatMap((name) => [`${name}_${part}`, `${part}_${name}`]);
  return part === 'train' ? [...names, ...ofPart] : ofPart;
}

/** One known name, else x0, x1, ..., else everything that is not the target. */
function findInputs(all: readonly string[], target: string, part: 'train' | 'test'): string[] {
  const single = variants(inputNames, part).find((name) => all.includes(name));
  if (single !== undefined) return [single];
  const numbered = all.filter((name) => /^x_?\d+$/i.test(name));
  if (numbered.length > 0) return numbered.sort((a, b) => numberOf(a) - numberOf(b));
  return all.filter((name) => name !== target);
}

const numberOf = (name: string) => Number(name.replace(/\D/g, ''));
