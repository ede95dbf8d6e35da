/** Reads the weights that a topology file contains. */
import type { NDArray } from '../ndarray.ts';
import { graphFormatOf } from './graph-files.ts';

/** The weights of a file of an operation graph; null for all other files and for those without weights. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export async function readModelWeights(file: string): Promise<Map<string, NDArray> | null> {
  const format = await graphFormatOf(file);
  return format ? format.readWeights(file) : null;
}
