/** Counts the correct predictions of a batch, where correctness is defined. */
import { type Batch, labelledPositions, type TargetKind } from '../../batch.ts';
import { sizeOf } from '../../ndarray.ts';
import { type LossName, lossSpecs } from '../losses/specs.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';

/**
 *   classes, more than one unit     correct when the largest output is that of the class
 *   classes, one sigmoid unit       correct when the logit is positive exactly for class 1
 *   probabilities under softmax     correct when the largest output is at the largest probability
 *   regression targets              null: correctness is not defined
 */
export type CountCorrect = (outputs: Tensor, targets: Tensor) => Scalar;

const countEqual = (a: Tensor, b: Tensor) => tf.sum(tf.cast(tf.equal(a, b), 'float32')) as Scalar;

/** @param units extent of the last axis of the outputs; null when only the data determines it */
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

/** Number of predictions in a batch: one per sample, or one per labelled position. */
export const predictionsIn = (batch: Batch, kind: TargetKind['kind']) =>
  kind === 'classes' ? labelledPositions(batch) : sizeOf(batch.targets.shape) / (batch.targets.shape.at(-1) ?? 1);
