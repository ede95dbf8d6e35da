/** The values that a file of a topology holds beside it. */
import { stat } from 'node:fs/promises';
import type { NDArray } from '../ndarray.ts';
import { isProgramFile } from './pt2/archive.ts';
import { readProgramWeights } from './pt2/weights.ts';

/** Of torch.export archives; null for all other files, and for archives without values. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export async function readModelWeights(file: string): Promise<Map<string, NDArray> | null> {
  if (!(await stat(file)).isFile() || !(await isProgramFile(file))) return null;
  return readProgramWeights(file);
}
