/** Weights in, from any format that is written here. */
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { NpyArray } from '../codecs/npy.ts';
import { readNpzFile } from '../codecs/npz.ts';
import { readSafetensors } from '../codecs/safetensors.ts';
import { isZip } from '../codecs/zip.ts';
import { AppError } from '../errors.ts';
import { type NDArray, ndarray } from '../ndarray.ts';
import { artifactFormats } from './index.ts';
import { readTfjsWeights } from './tfjs-weights.ts';

/**
 * Reads weights by what the file holds, whatever it is called: safetensors, npz, a tfjs model.json with its shards, or a folder with one of them
 * (as `publishArtifacts` writes it).
 *
 * @throws WEIGHTS_NOT_FOUND; WEIGHTS_MALFORMED naming the file and the tensor
 */
export async function readWeights(file: string): Promise<Map<string, NDArray>> {
  const stats = await stat(file).catch(() => null);
  if (stats === null) throw new AppError('WEIGHTS_NOT_FOUND', `${file}: the weights file does not exist`);
  if (stats.isDirectory()) return readWeights(await findIn(file));
  const start = await firstBytes(file);
  // JSON holds no zero byte; the length that starts a safetensors file is below 2^32, so its upper bytes are zero.
  if (/^\s*\{[^\0]*$/.test(start)) return readTfjsWeights(file);
  if (isZip(Buffer.from(start, 'latin1'))) return readNpzWeights(file);
  return new Map((await readSafetensors(file)).tensors);
}

async function readNpzWeights(file: string): Promise<Map<string, NDArray>> {
  const arrays = await readNpzFile(file);
  return new Map([...arrays].map(([name, array]) => [name, toNDArray(array)]));
}

function toNDArray({ shape, elements }: NpyArray): NDArray {
  if (elements instanceof Float32Array) return ndarray('float32', shape, elements);
  if (elements instanceof Uint8Array) return ndarray('uint8', shape, elements);
  return ndarray('int32', shape, Int32Array.from(elements));
}

const entries = Object.values(artifactFormats).map(({ entry }) => entry);

async function findIn(folder: string): Promise<string> {
  for (const entry of [...entries, 'model.json']) {
    const file = path.join(folder, entry);
    if ((await stat(file).catch(() => null))?.isFile()) return file;
  }
  throw new AppError('WEIGHTS_NOT_FOUND', `${folder}: the folder holds none of ${entries.join(', ')}, model.json`);
}

async function firstBytes(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((cause) => {
    throw new AppError('WEIGHTS_NOT_FOUND', `${file}: the weights file cannot be opened`, { cause });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
