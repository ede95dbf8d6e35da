/**
 * Rectifiers whose parameters are not trained.
 *
 *   ReLU        min(x, max) where x >= threshold, negative_slope (x - threshold) below it
 *   LeakyReLU   slope x below 0
 *   ELU         alpha (exp(x) - 1) below 0
 */
import type { ReluConfig } from '../../topology/layers/rectifiers.ts';
import { type Tensor, tf } from '../tf.ts';

/** The negative part of x, min(x, 0). */
export const negative = (x: Tensor) => tf.minimum(x, 0);

/** x where x > bound, else 0; the derivative of the step is 0. */
export const above = (x: Tensor, bound: number) => tf.mul(x, tf.step(tf.sub(x, bound)));

function unbounded(x: Tensor, { negativeSlope, threshold }: ReluConfig): Tensor {
  if (threshold === 0) return negativeSlope === 0 ? tf.relu(x) : tf.leakyRelu(x, negativeSlope);
  const upper = above(x, threshold);
  return negativeSlope === 0 ? upper : tf.add(upper, tf.mul(negative(tf.sub(x, threshold)), negativeSlope));
}

/** ReLU with upper bound, slope and threshold, as in the formula above; x may have any shape. */
export function rectify(x: Tensor, config: ReluConfig): Tensor {
  const { maxValue, negativeSlope, threshold } = config;
  if (maxValue === 6 && negativeSlope === 0 && threshold === 0) return tf.relu6(x);
  const y = unbounded(x, config);
  return maxValue === null ? y : tf.minimum(y, maxValue);
}

/** ELU: x for positive x, else alpha (exp(x) - 1); x may have any shape. */
export const scaledElu = (x: Tensor, alpha: number): Tensor =>
  alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.elu(negative(x)), alpha));
