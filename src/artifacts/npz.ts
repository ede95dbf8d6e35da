/** One file for numpy: `numpy.load('weights.npz')['dense/kernel']`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NpyArray } from '../codecs/npy.ts';
import { encodeNpz, readNpzFile } from '../codecs/npz.ts';
import { isZip } from '../codecs/zip.ts';
import { type NDArray, ndarray } from '../ndarray.ts';
import type { ArtifactFormat } from './format.ts';

export const npz: ArtifactFormat = {
  name: 'npz',
  summary: 'One weights.npz with every parameter under its own name, in order; loads with numpy.load.',
  entry: 'weights.npz',
  mediaTypes: { npz: 'application/zip' },
  form: 'none',
  async write(folder, { weights }) {
    await writeFile(path.join(folder, 'weights.npz'), encodeNpz(weights), { flag: 'wx' });
  },
  recognise: isZip,
  async read(file) {
    const arrays = await readNpzFile(file);
    return new Map([...arrays].map(([name, array]) => [name, toNDArray(array)]));
  },
};

function toNDArray({ shape, elements }: NpyArray): NDArray {
  if (elements instanceof Float32Array) return ndarray('float32', shape, elements);
  if (elements instanceof Uint8Array) return ndarray('uint8', shape, elements);
  return ndarray('int32', shape, Int32Array.from(elements));
}
