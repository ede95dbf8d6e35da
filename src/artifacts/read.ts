/** Reads weights from any artifact format of the registry. */
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import { startBytes } from './format.ts';
import { type ArtifactFormatName, artifactFormatNames, artifactFormats } from './index.ts';

export interface ReadWeights {
  readonly format: ArtifactFormatName;
  readonly weights: Map<string, NDArray>;
}

/**
 * Reads weights from a file whose format is recognised by its content, not by its name: safetensors, npz, a .keras archive, an .h5 file of Keras, a
 * tfjs model.json with its shards; or from a folder with one of them, as `publishArtifacts` writes it.
 *
 * @throws WEIGHTS_NOT_FOUND; WEIGHTS_MALFORMED naming the file and the tensor
 */
export async function readWeightsAs(file: string): Promise<ReadWeights> {
  const stats = await stat(file).catch(() => null);
  if (stats === null) throw new AppError('WEIGHTS_NOT_FOUND', `${file}: the weights file does not exist`);
  if (stats.isDirectory()) return readWeightsAs(await findIn(file));
  const start = await firstBytes(file);
  for (const format of artifactFormatNames) {
    if (!artifactFormats[format].recognise(start)) continue;
    const weights = await artifactFormats[format].read(file);
    if (weights !== null) return { format, weights };
  }
  const known = `begins like none of the formats of weights, ${artifactFormatNames.join(', ')}`;
  throw new AppError('WEIGHTS_MALFORMED', `${file}: ${foreignProblem(start) ?? known}`);
}

/** The message for a file of weights in a format that is not read, which names the conversion to one that is; null for an unknown format. */
function foreignProblem(start: Uint8Array): string | null {
  if (start[0] === 0x80 && (start[1] ?? 0) >= 2 && (start[1] ?? 0) <= 5)
    return 'is a Python pickle, which runs code when it is read; save the tensors with safetensors.torch.save_file or numpy.savez';
  return Buffer.from(start.subarray(0, 4)).toString('latin1') === 'GGUF'
    ? 'is a GGUF file; save the tensors as safetensors'
    : null;
}

/** The weights of `readWeightsAs` without the name of their format. */
export const readWeights = async (file: string): Promise<Map<string, NDArray>> => (await readWeightsAs(file)).weights;

const entries = Object.values(artifactFormats).map(({ entry }) => entry);

async function findIn(folder: string): Promise<string> {
  for (const entry of [...entries, ...entries.map((name) => path.basename(name))]) {
    const file = path.join(folder, entry);
    if ((await stat(file).catch(() => null))?.isFile()) return file;
  }
  throw new AppError('WEIGHTS_NOT_FOUND', `${folder}: the folder holds none of ${entries.join(', ')}, model.json`);
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((cause) => {
    throw new AppError('WEIGHTS_NOT_FOUND', `${file}: the weights file cannot be opened`, { cause });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
