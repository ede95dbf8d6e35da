/** Resolves references of the command line, which are paths on this machine. */
import { readWeights } from '../artifacts/read.ts';
import type { Sources } from '../jobs/sources.ts';
import { readModelWeights } from '../models/model-weights.ts';
import { readModelJson } from './model-file.ts';
import { openChecked } from './open-dataset.ts';

export function localSources(): Sources {
  return {
    openDataset: (ref, options) => openChecked(ref, options),
    readWeights: (file) => readWeights(file.replace(/^file:/, '')),
    readModel: (file) => readModelJson(file.replace(/^file:/, '')),
    readModelWeights: (file) => readModelWeights(file.replace(/^file:/, '')),
  };
}
