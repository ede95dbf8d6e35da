/** One file that PyTorch, JAX, Keras and numpy users load: `safetensors.numpy.load_file('weights.safetensors')`. */
import path from 'node:path';
import { writeSafetensors } from '../codecs/safetensors.ts';
import type { ArtifactFormat } from './format.ts';

export const safetensors: ArtifactFormat = {
  name: 'safetensors',
  summary: 'One weights.safetensors with every parameter under its own name; loads in PyTorch, JAX, Keras and numpy.',
  entry: 'weights.safetensors',
  mediaType: 'application/octet-stream',
  needsTopology: false,
  write: (folder, { weights }) => writeSafetensors(path.join(folder, 'weights.safetensors'), weights),
};
