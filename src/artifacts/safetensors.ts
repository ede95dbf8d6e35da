/**
 * One file that PyTorch, JAX, Keras and numpy users load: `safetensors.numpy.load_file('weights.safetensors')`. The names in the order of the framework's
 * `model.weights` are JSON in the metadata entry `order`, for libraries that list tensors by name.
 */
import path from 'node:path';
import { readSafetensors, writeSafetensors } from '../codecs/safetensors.ts';
import type { ArtifactFormat } from './format.ts';

export const safetensors: ArtifactFormat = {
  name: 'safetensors',
  summary: 'One weights.safetensors with every parameter under its own name; loads in PyTorch, JAX, Keras and numpy.',
  entry: 'weights.safetensors',
  mediaTypes: { safetensors: 'application/octet-stream' },
  form: 'none',
  write: (folder, { weights }) =>
    writeSafetensors(path.join(folder, 'weights.safetensors'), weights, { order: JSON.stringify([...weights.keys()]) }),
  // The file begins with the header's length as 8 bytes, little-endian. A header within its size limit leaves the upper four bytes zero, and no text
  // file holds a zero byte.
  recognise: (start) => start.length >= 8 && start.subarray(4, 8).every((byte) => byte === 0),
  read: async (file) => new Map((await readSafetensors(file)).tensors),
};
