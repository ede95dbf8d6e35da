/** References as the command line means them: paths of this machine. */
import { readWeights } from '../artifacts/read.ts';
import { openDataset } from '../datasets/index.ts';
import type { Sources } from '../jobs/sources.ts';
import { readModelJson } from './model-file.ts';

export function localSources(): Sources {
  return {
    openDataset: (ref, options) => openDataset(ref, options),
    readWeights: (file) => readWeights(file.replace(/^file:/, '')),
    readModel: (file) => readModelJson(file.replace(/^file:/, '')),
  };
}
