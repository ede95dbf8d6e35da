/**
 * Softmax cross-entropy of logits.
 *
 *   L = -mean over samples (or labelled positions) of  sum_c y'_c log softmax(x)_c,   y' = (1 - s) y + s / C
 *
 * Default s = 0 (Keras, PyTorch). PyTorch's label_smoothing is the same y'.
 * Reference: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", arXiv 1512.00567 (2015), section 7.
 */
import { logSoftmax } from '../ops/log-softmax.ts';
import { tf } from '../tf.ts';
import { countedPositions, meanOverCounted, toDistributions } from './align-targets.ts';
import type { LossFunction } from './loss.ts';
import type { SoftmaxOptions } from './specs.ts';

/**
 * outputs: logits [n, c] or [n, ..., c]; targets: int32 [n] or [n, ...], or float32 probabilities of the outputs' shape. Positions with the id
 * `ignoredId` are excluded from the mean, as by ignore_index of PyTorch and ignore_class of Keras.
 */
export const softmaxCrossEntropy: LossFunction<SoftmaxOptions> = (outputs, targets, { labelSmoothing }, mask) => {
  const classes = outputs.shape[outputs.rank - 1] ?? 1;
  const exact = toDistributions(outputs, targets); // [..., c]
  // y' = (1 - s) y + s / C
  const smoothed = labelSmoothing === 0 ? exact : tf.add(tf.mul(exact, 1 - labelSmoothing), labelSmoothing / classes);
  const counted = countedPositions(outputs, targets, mask);
  if (counted !== null) return meanOverCounted(tf.mul(smoothed, tf.neg(logSoftmax(outputs))), counted);
  // L = -sum(y' log p) / samples
  const samples = outputs.size / classes;
  return tf.div(tf.sum(tf.mul(smoothed, logSoftmax(outputs))), -samples); // []
};
