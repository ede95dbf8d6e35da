/** The values of parameters and buffers in a torch.export archive, by their names in the state_dict. */
import type { NDArray } from '../../ndarray.ts';
import { readArchive, readEntries } from './archive.ts';
import { decodeTensor, storedTensors } from './tensors.ts';

/** Null for an archive without values (exported on the meta device). Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export async function readProgramWeights(file: string): Promise<Map<string, NDArray> | null> {
  const { weights, sizes } = await readArchive(file);
  const tensors = [...storedTensors(weights, 'data/weights', sizes).values()];
  if (tensors.some(({ hasValues }) => !hasValues)) return null;
  const paths = new Set(tensors.map(({ path }) => path));
  const { entries } = await readEntries(file, (path) => paths.has(path));
  return new Map(
    tensors.map((tensor) => [tensor.name, decodeTensor(tensor, entries.get(tensor.path) ?? new Uint8Array())]),
  );
}
