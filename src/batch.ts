/** How datasets give samples to the engine: by index and one batch at a time, so that a dataset need not fit into memory. */
import type { NDArray } from './ndarray.ts';

/** One mini-batch. Axis 0 of every array is the sample. */
export interface Batch {
  /** One array for each input of the model: float32 (normalised) or int32 (token ids). */
  readonly inputs: readonly NDArray<'float32' | 'int32'>[];
  /** int32 class ids of shape [n], or [n, ...] with one id per position (`ignoredId` where a position has no label); or float32 values of shape [n, ...]. */
  readonly targets: NDArray<'float32' | 'int32'>;
}

/** The class id of positions without a label; losses and accuracies ignore these positions. */
export const ignoredId = -1;

/** The kind of the targets: class ids or values. */
export type TargetKind =
  | {
      readonly kind: 'classes';
      readonly classes: number;
      /** Shape of the class ids of one sample, [t] or [h, w]; absent where a sample has one id. */
      readonly shape?: readonly number[];
    }
  | {
      readonly kind: 'values';
      readonly shape: readonly number[];
      /** True when every value is 0 or 1: multi-label targets. */
      readonly isBinary?: boolean;
    };

/** Number of positions with a label, over which the mean of a loss is taken; the number of samples where each has one label or values. */
export function labelledPositions({ targets }: Batch): number {
  if (targets.dtype !== 'int32') return targets.shape[0] ?? 0;
  let count = 0;
  for (const id of targets.data) if (id !== ignoredId) count++;
  return count;
}

/** A set of samples that can be gathered by index. */
export interface SampleSource {
  readonly size: number;
  /** Shapes of one sample of each input, without the sample axis. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly inputDtypes: readonly ('float32' | 'int32')[];
  readonly targets: TargetKind;
  /** Assembles the samples of `indices`, in that order; indices may repeat. */
  gather(indices: ArrayLike<number>): Batch;
}
