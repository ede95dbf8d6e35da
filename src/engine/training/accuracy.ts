/** How many predictions of a batch are right, where right and wrong are defined. */
import { type Batch, labelledPositions, type TargetKind } from '../../batch.ts';
import { sizeOf } from '../../ndarray.ts';
import { type LossName, lossSpecs } from '../losses/specs.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';

/**
 *   classes, more than one unit     the largest output is that of the class
 *   classes, one sigmoid unit       the logit is positive for class 1
 *   probabilities under softmax     the largest output is where the largest probability is
 *   values to regress               null: no prediction is right or wrong
 */
export type CountCorrect = (outputs: Tensor, targets: Tensor) => Scalar;

const countEqual = (a: Tensor, b: Tensor) => tf.sum(tf.cast(tf.equal(a, b), 'float32')) as Scalar;

/** @param units extent of the last axis of the outputs; null when only the data decides */
export function correctCounter(targets: TargetKind, loss: LossName, units: number | null): CountCorrect | null {
  const { logits } = lossSpecs[loss];
  if (targets.kind === 'classes' && units !== 1) return (outputs, ids) => countEqual(tf.argMax(outputs, -1), ids);
  if (targets.kind === 'classes') {
    if (logits !== 'sigmoid') return null;
    return (outputs, ids) => countEqual(tf.cast(tf.greater(tf.reshape(outputs, ids.shape), 0), 'int32'), ids);
  }
  if (logits !== 'softmax') return null;
  return (outputs, probabilities) => countEqual(tf.argMax(outputs, -1), tf.argMax(probabilities, -1));
}

/** Predictions in a batch: one for each sample, or for each position that has a label. */
export const predictionsIn = (batch: Batch, kind: TargetKind['kind']) =>
  kind === 'classes' ? labelledPositions(batch) : sizeOf(batch.targets.shape) / (batch.targets.shape.at(-1) ?? 1);
