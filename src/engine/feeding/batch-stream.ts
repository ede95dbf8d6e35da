/** The source of the batches of a search. */

import type { Batch, SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { Problem } from '../run.ts';
import { createDraws, replayDraws } from './draws.ts';

export interface BatchStream {
  next(): Batch;
  /** The state as plain JSON. */
  state(): unknown;
  restore(state: unknown): void;
}

/** Throws BATCH_TOO_LARGE. */
export function assertBatchFits(batchSize: number, samples: SampleSource): void {
  if (batchSize <= samples.size) return;
  throw new AppError(
    'BATCH_TOO_LARGE',
    `batchSize is ${batchSize}, but the dataset has ${samples.size} samples; choose at most ${samples.size}`,
  );
}

/** Samples in a seeded order, shuffled again after each pass. The last batch of a pass may be smaller, or is dropped. Throws BATCH_TOO_LARGE. */
export function sampleStream(
  { seed, recordedDraws }: Pick<Problem, 'seed' | 'recordedDraws'>,
  samples: SampleSource,
  batchSize: number,
  { dropLast = false }: { dropLast?: boolean } = {},
): BatchStream {
  if (!recordedDraws) assertBatchFits(batchSize, samples);
  const draws = recordedDraws
    ? replayDraws(recordedDraws)
    : createDraws({ size: samples.size, seed, batchSize, dropLast });
  return { next: () => samples.gather(draws.next()), state: draws.state, restore: draws.restore };
}
