/**
 * Huber loss.
 *
 *   e = x - y,  q = clip(e, -delta, delta),  L = mean over all elements of  q (e - q / 2)
 *
 * which is e^2 / 2 for |e| <= delta and delta (|e| - delta / 2) beyond. Written with one clip instead of the usual |e|, both derivatives
 * are right at e = 0 too. Default delta = 1 (Keras, PyTorch).
 * Reference: P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35 (1964).
 */
import { tf } from '../tf.ts';
import { countedPositions, meanOfElements, toElements } from './align-targets.ts';
import type { LossFunction } from './loss.ts';
import type { HuberOptions } from './specs.ts';

/** outputs: values [n, ...]; targets: float32 of the same shape, or int32 class ids [n] (one-hot for several units). */
export const huber: LossFunction<HuberOptions> = (outputs, targets, { delta }, mask) => {
  const error = tf.sub(outputs, toElements(outputs, targets)); // e, [n, ...]
  const clipped = tf.clipByValue(error, -delta, delta); // q
  const losses = tf.mul(clipped, tf.sub(error, tf.mul(clipped, 0.5))); // q (e - q / 2)
  return meanOfElements(losses, mask && countedPositions(outputs, targets, mask)); // []
};
