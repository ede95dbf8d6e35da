/** One file that PyTorch, JAX, Keras and numpy users load: `safetensors.numpy.load_file('weights.safetensors')`. */
import path from 'node:path';
import { readSafetensors, writeSafetensors } from '../codecs/safetensors.ts';
import type { ArtifactFormat } from './format.ts';

export const safetensors: ArtifactFormat = {
  name: 'safetensors',
  summary: 'One weights.safetensors with every parameter under its own name; loads in PyTorch, JAX, Keras and numpy.',
  entry: 'weights.safetensors',
  mediaTypes: { safetensors: 'application/octet-stream' },
  needsTopology: false,
  write: (folder, { weights }) => writeSafetensors(path.join(folder, 'weights.safetensors'), weights),
  // The length of the header, eight bytes of which a header within its limit needs four. Text has no zero byte.
  recognise: (start) => start.length >= 8 && start.subarray(4, 8).every((byte) => byte === 0),
  read: async (file) => new Map((await readSafetensors(file)).tensors),
};
