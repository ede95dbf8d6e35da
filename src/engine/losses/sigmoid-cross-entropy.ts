/**
 * Sigmoid (binary) cross-entropy of logits.
 *
 *   L = -mean of  y log sigmoid(x) + (1 - y) log(1 - sigmoid(x))  =  mean of  y softplus(-x) + (1 - y) softplus(x)
 *
 * The usual stable form max(x, 0) - x y + log(1 + exp(-|x|)) has a kink at x = 0, the output of a zero-initialised last layer, where automatic
 * differentiation gives -y instead of 1/2 - y. The form here is smooth everywhere and exact for large |x|.
 * Mean over all elements, as Keras' BinaryCrossentropy(from_logits=True) and PyTorch's BCEWithLogitsLoss.
 */
import { tf } from '../tf.ts';
import { countedPositions, meanOfElements, toElements } from './align-targets.ts';
import type { LossFunction } from './loss.ts';

/**
 * outputs: logits [n, ...]; targets: float32 in [0, 1] of the same shape, or int32 class ids [n] or [n, ...] without the last axis. Positions with
 * the id `ignoredId` are excluded.
 */
export const sigmoidCrossEntropy: LossFunction = (outputs, targets, _options, mask) => {
  const y = toElements(outputs, targets); // [n, ...]
  const positive = tf.mul(y, tf.softplus(tf.neg(outputs))); // y softplus(-x)
  const negative = tf.mul(tf.sub(1, y), tf.softplus(outputs)); // (1 - y) softplus(x)
  const losses = tf.add(positive, negative);
  return meanOfElements(losses, countedPositions(outputs, targets, mask)); // []
};
