/** References that lead away from this machine's files: uploads and URLs. */
import type { Config } from '../src/config.ts';
import { AppError } from '../src/errors.ts';
import type { ContentStore } from '../src/storage/index.ts';
import type { Resolve } from './sources.ts';

export interface ResolveOptions {
  readonly config: Config;
  /** Whose uploads may be read. */
  readonly owner: string;
  readonly contents: ContentStore;
  readonly signal: AbortSignal;
}

export function createResolve(_options: ResolveOptions): Resolve {
  return async (ref) => {
    throw new AppError('DATASET_NOT_FOUND', `${ref}: nothing has that id`);
  };
}
