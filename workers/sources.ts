/** Where the references of a specification lead in a worker: built-in data, uploads, files under DATA_ROOT, URLs. */

import { readWeights } from '../src/artifacts/read.ts';
import { openDataset, type SpillOptions } from '../src/datasets/index.ts';
import { AppError } from '../src/errors.ts';
import type { Sources } from '../src/jobs/sources.ts';
import { readModelText } from '../src/models/model-text.ts';
import { readModelWeights } from '../src/models/model-weights.ts';

/** A file or folder on this machine, and the name that it had where it came from. */
export interface Place {
  readonly path: string;
  readonly fileName?: string;
}

/** Calls `use` with the place of what a reference names; the place may be gone afterwards. */
export type Resolve = <T>(ref: string, use: (place: Place) => Promise<T>) => Promise<T>;

export interface SourcesOptions {
  /** Null: no file may be read. */
  readonly dataRoot: string | null;
  readonly maxDatasetBytes: number;
  readonly spill: SpillOptions;
  /** For `dataset:ID` and `https://...`. Throws DATASET_NOT_FOUND and what the way there throws. */
  readonly resolve: Resolve;
}

export function createSources({ dataRoot, maxDatasetBytes, spill, resolve }: SourcesOptions): Sources {
  return {
    openDataset(ref, options) {
      const limits = { maxBytes: maxDatasetBytes, spill };
      if (ref.startsWith('builtin:')) return openDataset(ref, options, limits);
      if (isRemote(ref)) {
        return resolve(ref, async ({ path, fileName }) => {
          const context = { ...limits, label: ref, ...(fileName === undefined ? {} : { fileName }) };
          return { ...(await openDataset(path, options, context)), ref };
        });
      }
      if (dataRoot === null)
        throw new AppError('DATASET_NOT_FOUND', `${ref}: files cannot be referred to here: DATA_ROOT is not set`);
      return openDataset(ref, options, { ...limits, dataRoot });
    },
    readWeights: (ref) => resolve(ref, ({ path }) => readWeights(path)),
    readModel: (ref) => resolve(ref, ({ path }) => readModelText(path)),
    readModelWeights: (ref) => resolve(ref, ({ path }) => readModelWeights(path)),
  };
}

const isRemote = (ref: string) => ref.startsWith('dataset:') || /^[a-z0-9]+:\/\//i.test(ref.replace(/^file:\/\//, ''));
