/** Resolves the references of a specification in a worker: built-in data, uploads, files below DATA_ROOT, URLs. */

import { readWeights } from '../src/artifacts/read.ts';
import { openDataset, type SpillOptions } from '../src/datasets/index.ts';
import { AppError } from '../src/errors.ts';
import type { Sources } from '../src/jobs/sources.ts';
import { readModelText } from '../src/models/model-text.ts';
import { readModelWeights } from '../src/models/model-weights.ts';

/** A file or folder on this machine, and its original name. */
export interface Place {
  readonly path: string;
  readonly fileName?: string;
}

/** Calls `use` with the place of the referenced data, which may be removed afterwards. */
export type Resolve = <T>(ref: string, use: (place: Place) => Promise<T>) => Promise<T>;

export interface SourcesOptions {
  /** Null: references to files are refused. */
  readonly dataRoot: string | null;
  readonly maxDatasetBytes: number;
  readonly spill: SpillOptions;
  /** Resolves `dataset:ID` and `https://...`. Throws DATASET_NOT_FOUND and the errors of fetching the data. */
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
