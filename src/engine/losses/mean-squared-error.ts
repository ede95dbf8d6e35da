/**
 * Mean squared error.
 *
 *   L = mean over all elements of (x - y)^2
 *
 * As Keras' MeanSquaredError and PyTorch's MSELoss: no factor 1/2.
 */
import { tf } from '../tf.ts';
import { countedPositions, meanOfElements, toElements } from './align-targets.ts';
import type { LossFunction } from './loss.ts';

/** outputs: values [n, ...]; targets: float32 of the same shape, or int32 class ids [n] (one-hot for several units). */
export const meanSquaredError: LossFunction = (outputs, targets, _options, mask) => {
  const error = tf.sub(outputs, toElements(outputs, targets)); // [n, ...]
  return meanOfElements(tf.mul(error, error), mask && countedPositions(outputs, targets, mask)); // []
};
