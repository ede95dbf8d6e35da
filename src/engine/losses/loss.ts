/** The interface of a loss. TensorFlow is not loaded here, because the API process validates names, options and shapes. */
import type { TObject } from 'typebox';
import type { OneTargetKind } from '../../batch.ts';
import type { Shape } from '../../topology/topology.ts';
import type { Tensor } from '../tf.ts';

/** The description of a loss. */
export interface LossSpec {
  readonly name: string;
  readonly summary: string;
  /** Schema of the options with their defaults; unknown options are refused. */
  readonly options: TObject;
  /** The function that converts outputs to probabilities; null where outputs are values. */
  readonly logits: 'softmax' | 'sigmoid' | null;
  /**
   * Checks that the loss fits. `outputShape` is the model's output shape without the batch axis. Throws DATASET_SHAPE_MISMATCH when shapes disagree,
   * DATASET_INVALID when the loss cannot use such targets.
   */
  check(targets: OneTargetKind, outputShape: Shape): void;
}

/**
 * outputs: logits or values [n, ...]. targets: int32 class ids or float32 values. Returns the mean over the batch, a scalar, built only
 * from ops that differentiate to second order. mask: [n, ...leading axes of the outputs], not 0 where a position counts: the mean is taken over those, as Keras does; null: all.
 * No gradient flows into the targets.
 */
export type LossFunction<Options = Readonly<Record<string, never>>> = (
  outputs: Tensor,
  targets: Tensor,
  options: Options,
  mask: Tensor | null,
) => Tensor;
