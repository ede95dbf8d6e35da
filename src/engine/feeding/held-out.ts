/** Holds samples out, so that what was trained on the others is measured on unseen samples. */
import type { SampleSource } from '../../batch.ts';
import { createRandom, shuffle } from '../../random.ts';

export interface HeldOut {
  /** The samples that are not held out. */
  readonly training: SampleSource;
  /** Batches of the held-out samples, as indices into the original samples. */
  readonly batches: readonly Int32Array[];
}

/** The samples at `indices`, numbered from 0. */
export function subset(samples: SampleSource, indices: Int32Array): SampleSource {
  return {
    ...samples,
    size: indices.length,
    gather: (chosen) => samples.gather(Int32Array.from(chosen, (index) => indices[index] as number)),
  };
}

/**
 * Holds out `count` batches of at most `batchSize` samples, together at most a fifth of all samples, chosen by the seed.
 *
 * @returns at least one batch of at least one sample, and a non-empty training part; of two or more samples they are disjoint, and a single sample
 * belongs to both
 */
export function holdOut(
  samples: SampleSource,
  { count, batchSize, seed }: { count: number; batchSize: number; seed: number },
): HeldOut {
  const order = Int32Array.from({ length: samples.size }, (_, index) => index);
  shuffle(order, createRandom(seed, 'held-out samples'));
  if (samples.size < 2) return { training: samples, batches: [order] };
  const total = Math.max(1, Math.min(count * batchSize, Math.floor(samples.size / 5)));
  const size = Math.ceil(total / Math.min(count, total));
  const batches: Int32Array[] = [];
  for (let start = 0; start < total; start += size) batches.push(order.slice(start, Math.min(total, start + size)));
  return { training: subset(samples, order.slice(total).sort()), batches };
}
