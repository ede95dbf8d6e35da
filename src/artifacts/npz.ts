/** The artifact for numpy: one .npz file, read by `numpy.load('weights.npz')['dense/kernel']`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { arrayOfElements } from '../codecs/elements.ts';
import { encodeNpz, readNpzFile } from '../codecs/npz.ts';
import { isZip } from '../codecs/zip.ts';
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
    return new Map([...arrays].map(([name, { shape, elements }]) => [name, arrayOfElements(shape, elements)]));
  },
};
