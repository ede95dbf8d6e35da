/** safetensors: tensors x and y (or x0, x1, ..., x_train, ...) of one file; axis 0 is the sample. */
import type { Origin } from '../../codecs/byte-source.ts';
import type { NpyArray } from '../../codecs/npy.ts';
import { readSafetensors, readSafetensorsHeader } from '../../codecs/safetensors.ts';
import { AppError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import { chooseArrays } from '../array-names.ts';
import { readDataFile } from '../data-file.ts';
import { defineFormat } from '../dataset-format.ts';
import { arraysToDataset } from './numpy-roles.ts';

export const safetensors = defineFormat({
  name: 'safetensors',
  summary: 'Tensors x and y in one safetensors file; several inputs as x0, x1, ... or by name.',
  options: {},
  conventions: [{ what: 'save_file({"x": x, "y": y}, "data.safetensors")', example: 'data.safetensors' }],
  // Eight bytes of length, then the brace of the header.
  recognise: ({ head, kind }) => {
    if (kind !== 'file' || head[8] !== 0x7b) return null;
    const length = new DataView(head.buffer, head.byteOffset, head.byteLength).getBigUint64(0, true);
    return length < 2n ** 32n ? 'begins with the header of safetensors' : null;
  },
  async read(candidate, _options, reading) {
    const { budget } = reading;
    const origin: Origin = { name: candidate.label, code: 'DATASET_MALFORMED' };
    const { value, sha256 } = await readDataFile(candidate.path, candidate.label, budget.left(), () =>
      readTensors(candidate.path, candidate.label),
    );
    const choices = chooseArrays([...value.keys()], reading, origin);
    return arraysToDataset({ arrays: value, choices, origin, sha256, budget });
  },
});

async function readTensors(file: string, label: string): Promise<Map<string, NpyArray>> {
  try {
    await readSafetensorsHeader(file);
    const { tensors } = await readSafetensors(file);
    return new Map([...tensors].map(([name, tensor]) => [name, toArray(tensor)]));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('DATASET_MALFORMED', error.message.replaceAll(file, label), { cause: error });
  }
}

const toArray = ({ shape, dtype, data }: NDArray): NpyArray => ({
  shape,
  elements: data,
  kind: dtype === 'float32' ? 'float' : 'integer',
});
