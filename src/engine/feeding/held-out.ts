/** Some of the samples put aside, so that what was trained on the others is measured on samples that it has not seen. */
import type { SampleSource } from '../../batch.ts';
import { createRandom, shuffle } from '../../random.ts';

export interface HeldOut {
  /** The other samples. */
  readonly training: SampleSource;
  /** Batches of those that were put aside, as indices into the original samples. */
  readonly batches: readonly Int32Array[];
}

/** The samples of `indices`, counted from 0 again. */
export function subset(samples: SampleSource, indices: Int32Array): SampleSource {
  return {
    ...samples,
    size: indices.length,
    gather: (chosen) => samples.gather(Int32Array.from(chosen, (index) => indices[index] as number)),
  };
}

/**
 * Puts `count` batches of at most `batchSize` samples aside, at most a fifth of all samples, chosen by the seed.
 *
 * @returns at least one batch of at least one sample, and a training part that is not empty where there are two samples or more; a single sample is both
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
