/** One file for numpy: `numpy.load('weights.npz')['dense/kernel']`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeNpz } from '../codecs/npz.ts';
import type { ArtifactFormat } from './format.ts';

export const npz: ArtifactFormat = {
  name: 'npz',
  summary: 'One weights.npz with every parameter under its own name; loads with numpy.load.',
  entry: 'weights.npz',
  mediaType: 'application/zip',
  needsTopology: false,
  async write(folder, { weights }) {
    const sorted = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
    await writeFile(path.join(folder, 'weights.npz'), encodeNpz(new Map(sorted)), { flag: 'wx' });
  },
};
