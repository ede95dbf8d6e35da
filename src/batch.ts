/** How samples cross from the datasets to the engine: by index, a batch at a time, never as a whole. */
import type { NDArray } from './ndarray.ts';

/** One mini-batch. Axis 0 of every array is the sample. */
export interface Batch {
  /** One array for each input of the model: float32 (normalised) or int32 (token ids). */
  readonly inputs: readonly NDArray<'float32' | 'int32'>[];
  /** int32 class ids, [n] or one for each position [n, ...], `ignoredId` where a position has none; or float32 [n, ...] values. */
  readonly targets: NDArray<'float32' | 'int32'>;
}

/** The class id of positions that have no label: losses and accuracies leave them out. */
export const ignoredId = -1;

/** What the targets mean. */
export type TargetKind =
  | {
      readonly kind: 'classes';
      readonly classes: number;
      /** Shape of the ids of one sample, [t] or [h, w]; left out where a sample has one id. */
      readonly shape?: readonly number[];
    }
  | {
      readonly kind: 'values';
      readonly shape: readonly number[];
      /** True when every number is 0 or 1: which of several labels apply. */
      readonly isBinary?: boolean;
    };

/** Positions of a batch that have a label: what the mean of a loss is taken over. Samples where each has one label or values. */
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
