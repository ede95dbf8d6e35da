/** MATLAB .mat files: X and y; samples lie on the axis that has the length of y, the last one in SVHN; v7.3 is HDF5 with the axes reversed. */
import { malformed, type Origin, readBytes } from '../../codecs/byte-source.ts';
import type { Elements } from '../../codecs/elements.ts';
import type { FileSource } from '../../codecs/file-source.ts';
import { openHdf5, walkHdf5 } from '../../codecs/hdf5/index.ts';
import { isMat, isMatLevel4, type MatArray, type MatFile, readMat } from '../../codecs/mat.ts';
import type { NpyArray } from '../../codecs/npy.ts';
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import { type ArrayChoices, chooseArrays } from '../array-names.ts';
import { readDataFile } from '../data-file.ts';
import { defineFormat } from '../dataset-format.ts';
import { arraysToDataset, namedArray } from './numpy-roles.ts';

export const matlab = defineFormat({
  name: 'matlab',
  summary:
    'MATLAB files of version 4 to 7.3: arrays X and y, members of structs by NAME.MEMBER; y may be a cell array of names.',
  options: {},
  conventions: [
    { what: 'X [n, features] and y [n, 1] (ODDS)', example: 'data.mat' },
    { what: 'X [h, w, c, n] and y [n, 1], the label 10 a digit 0 (SVHN)', example: 'train_32x32.mat' },
    { what: 'save -v7.3: HDF5 with the axes reversed', example: 'data.mat' },
    { what: 'members of a struct', example: 'data.mat', options: { inputs: ['data.X'], target: 'data.y' } },
  ],
  recognise: ({ kind, head, name }) => {
    if (kind !== 'file') return null;
    if (isMat(head)) return 'begins with MATLAB';
    return name.endsWith('.mat') && isMatLevel4(head)
      ? 'begins with the header of a MATLAB variable (version 4)'
      : null;
  },
  async read(candidate, _options, reading) {
    const { budget } = reading;
    const { value, sha256 } = await readDataFile(
      candidate.path,
      candidate.label,
      budget.left(),
      async ({ file, content, origin }) => {
        if (file.size > budget.left())
          throw new AppError(
            'DATASET_TOO_LARGE',
            `${origin.name}: ${file.size} bytes are more than the limit leaves (${budget.left()})`,
          );
        const { arrays, texts, others } = isVersion73(candidate.head)
          ? await readVersion73(file, budget.left(), origin)
          : await readMat(await readBytes(content, file.size, 'the file', origin), budget.left(), origin);
        const choices = chooseArrays([...arrays.keys(), ...texts.keys(), ...others.keys()], reading, origin);
        return { arrays: oriented({ arrays, texts, others }, choices, origin), choices, origin };
      },
    );
    return arraysToDataset({ ...value, sha256, budget });
  },
});

const isVersion73 = (head: Uint8Array) => String.fromCharCode(...head.subarray(0, 10)) === 'MATLAB 7.3';

/** HDF5 whose axes are those of MATLAB, reversed: the same numbers, columns first. Members of structs lie in groups. */
async function readVersion73(file: FileSource, maxBytes: number, origin: Origin): Promise<MatFile> {
  const arrays = new Map<string, MatArray>();
  const others = new Map<string, string>();
  for await (const node of walkHdf5(await openHdf5(file, origin), origin)) {
    if (node.path.startsWith('#')) continue;
    const name = node.path.replaceAll('/', '.');
    if (node.kind === 'link') others.set(name, node.what);
    if (node.kind !== 'dataset') continue;
    const values = node.attributes.get('MATLAB_class')?.values;
    const kind = Array.isArray(values) ? values[0] : 'double';
    const isNumber = node.type.kind === 'number' && /^(double|single|logical|u?int\d+)$/.test(String(kind));
    if (!isNumber || node.attributes.has('MATLAB_sparse')) {
      others.set(name, `of the class ${kind}`);
      continue;
    }
    const elements = await node.readNumbers(maxBytes);
    arrays.set(name, {
      shape: [...node.shape].reverse(),
      elements,
      isInteger: kind !== 'double' && kind !== 'single',
      isLogical: kind === 'logical',
    });
  }
  return { arrays, texts: new Map(), others };
}

/** Samples first, every array row-major. Throws DATASET_AMBIGUOUS where no axis, or no single one, has the length of the target. */
function oriented(
  { arrays, texts, others }: MatFile,
  { chosen, parts }: ArrayChoices,
  origin: Origin,
): Map<string, NpyArray> {
  const take = (name: string): MatArray =>
    arrays.get(name) ??
    malformed(
      origin,
      `"${name}" is ${others.get(name) ?? (texts.has(name) ? 'text' : 'missing')}, not an array of numbers: save it as one (full, cell2mat, abs)`,
    );
  const result = new Map<string, NpyArray>();
  for (const { target } of parts) {
    const names = texts.get(target);
    if (names !== undefined) {
      result.set(target, namedArray(names));
      continue;
    }
    const { shape, elements, isInteger, isLogical } = take(target);
    const isVector = shape.filter((extent) => extent !== 1).length <= 1;
    const flat: { shape: number[]; elements: Elements } = isVector
      ? { shape: [sizeOf(shape)], elements }
      : samplesFirst(take(target), 0);
    // Doubles are MATLAB's usual numbers: whole ones are labels.
    const isWhole = isInteger || isLogical || elements.every(Number.isInteger);
    const isSvhn = chosen.inputs.some((name) => arrays.get(name)?.shape.length === 4) && isOneToTen(elements);
    if (isSvhn) flat.elements = elements.map((label) => label % 10);
    result.set(target, { ...flat, kind: isWhole ? 'integer' : 'float' });
  }
  const samples = result.get(chosen.target)?.shape[0] ?? 0;
  for (const name of chosen.inputs) {
    const array = take(name);
    const axis = sampleAxis(array.shape, samples, name, chosen.target, origin);
    result.set(name, {
      ...samplesFirst(array, axis),
      kind: array.isLogical ? 'bool' : array.isInteger ? 'integer' : 'float',
    });
  }
  return result;
}

/** SVHN numbers its digits 1 to 10, and 10 is the digit 0. */
const isOneToTen = (labels: Elements) => {
  const distinct = new Set<number>(labels);
  return distinct.has(10) && [...distinct].every((label) => Number.isInteger(label) && label >= 1 && label <= 10);
};

function sampleAxis(shape: readonly number[], samples: number, name: string, target: string, origin: Origin): number {
  const fitting = shape.flatMap((extent, axis) => (extent === samples ? [axis] : []));
  const last = shape.length - 1;
  const [only, second] = fitting;
  if (only === undefined)
    return malformed(
      origin,
      `"${name}" has the shape [${shape}], no axis of which has the ${samples} samples of "${target}"`,
    );
  if (second === undefined) return only;
  // Pictures of many samples: [h, w, c, n], where n can be h only by chance.
  if (shape.length === 4 && fitting.includes(last)) return last;
  if (shape.length === 2) return 0;
  throw new AppError(
    'DATASET_AMBIGUOUS',
    `${origin.name}: "${name}" has the shape [${shape}]: several axes have the ${samples} samples of "${target}"; save it with another number of samples, or as npz`,
  );
}

/** From columns first to rows first, with `axis` in front and the others in their order. */
function samplesFirst({ shape, elements }: MatArray, axis: number): { shape: number[]; elements: Elements } {
  const order = [axis, ...shape.map((_, other) => other).filter((other) => other !== axis)];
  const strides = shape.map((_, other) => sizeOf(shape.slice(0, other)));
  const outShape = order.map((other) => shape[other] ?? 1);
  const result = elements.slice();
  const index = new Array<number>(order.length).fill(0);
  for (let to = 0, from = 0; to < result.length; to++) {
    result[to] = elements[from] as number;
    for (let k = order.length - 1; k >= 0; k--) {
      const stride = strides[order[k] ?? 0] ?? 0;
      index[k] = (index[k] ?? 0) + 1;
      from += stride;
      if ((index[k] ?? 0) < (outShape[k] ?? 1)) break;
      from -= stride * (outShape[k] ?? 1);
      index[k] = 0;
    }
  }
  return { shape: outShape, elements: result };
}
