/** How samples cross from the datasets to the engine: by index, a batch at a time, never as a whole. */
import { type NDArray, sizeOf } from './ndarray.ts';

/** One mini-batch. Axis 0 of every array is the sample. */
export interface Batch {
  /** One array for each input of the model: float32 (normalised) or int32 (token ids). */
  readonly inputs: readonly NDArray<'float32' | 'int32'>[];
  /**
   * int32 class ids, [n] or one for each position [n, ...], `ignoredId` where a position has none; or float32 [n, ...] values. Targets of several outputs
   * are float32 [n, width], one after the other, each flat: class ids below 2^24 are exact there.
   */
  readonly targets: NDArray<'float32' | 'int32'>;
}

/** The class id of positions without a label; losses and accuracies ignore these positions. */
export const ignoredId = -1;

/** What the targets of one output mean. */
export type OneTargetKind =
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

/** What the targets mean; `several`: those of each output of a model with several, in the order of the outputs. */
export type TargetKind = OneTargetKind | { readonly kind: 'several'; readonly parts: readonly OneTargetKind[] };

/** Shape of the targets of one sample: [] for one number. */
export const targetShape = (kind: TargetKind): readonly number[] =>
  kind.kind === 'several'
    ? [kind.parts.reduce((width, part) => width + sizeOf(targetShape(part)), 0)]
    : (kind.shape ?? []);

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
