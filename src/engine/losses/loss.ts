/** What a loss is. Nothing here loads TensorFlow: the API process validates names, options and fit with it. */
import type { TObject } from 'typebox';
import type { TargetKind } from '../../batch.ts';
import type { Shape } from '../../topology/topology.ts';
import type { Tensor } from '../tf.ts';

/** The catalogue's view of a loss. */
export interface LossSpec {
  readonly name: string;
  readonly summary: string;
  /** Schema of the options with their defaults; unknown options are refused. */
  readonly options: TObject;
  /** Which function makes probabilities of the outputs; null where they are values. */
  readonly logits: 'softmax' | 'sigmoid' | null;
  /**
   * Does the loss fit? `outputShape` is the model's output without the batch axis.
   * Throws DATASET_SHAPE_MISMATCH when shapes disagree, DATASET_INVALID when the loss cannot use such targets.
   */
  check(targets: TargetKind, outputShape: Shape): void;
}

/**
 * outputs: logits or values [n, ...]. targets: int32 class ids or float32 values. Returns the mean over the batch, a scalar, built only
 * from ops that differentiate to second order. No gradient flows into the targets.
 */
export type LossFunction<Options = Readonly<Record<string, never>>> = (
  outputs: Tensor,
  targets: Tensor,
  options: Options,
) => Tensor;
