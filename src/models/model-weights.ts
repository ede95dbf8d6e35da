/** Reads the weights that a topology file contains. */
import { stat } from 'node:fs/promises';
import type { NDArray } from '../ndarray.ts';
import { isProgramFile } from './pt2/archive.ts';
import { readProgramWeights } from './pt2/weights.ts';

/** The weights of a torch.export archive; null for all other files and for archives without weights. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export async function readModelWeights(file: string): Promise<Map<string, NDArray> | null> {
  if (!(await stat(file)).isFile() || !(await isProgramFile(file))) return null;
  return readProgramWeights(file);
}
