/**
 * The rectifiers that are layers.
 *
 *   ReLU             min(x, max) where x >= threshold, negative_slope (x - threshold) below it
 *   LeakyReLU        slope x below 0
 *   PReLU            alpha x below 0, alpha learned
 *   ELU              alpha (exp(x) - 1) below 0
 *   ThresholdedReLU  x where x > theta, else 0
 */
import type { PreluConfig, ReluConfig } from '../../../topology/layers/rectifiers.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only, weightOf } from './common.ts';

/** The negative part of x, min(x, 0). */
const negative = (x: Tensor) => tf.minimum(x, 0);

/** x where x > bound, else 0; the step has derivative 0. */
const above = (x: Tensor, bound: number) => tf.mul(x, tf.step(tf.sub(x, bound)));

function rectify(x: Tensor, { negativeSlope, threshold }: ReluConfig): Tensor {
  if (threshold === 0) return negativeSlope === 0 ? tf.relu(x) : tf.leakyRelu(x, negativeSlope);
  const upper = above(x, threshold);
  return negativeSlope === 0 ? upper : tf.add(upper, tf.mul(negative(tf.sub(x, threshold)), negativeSlope));
}

export const relu: LayerForward<ReluConfig> = (config, inputs) => {
  const { maxValue, negativeSlope, threshold } = config;
  const x = only(inputs);
  if (maxValue === 6 && negativeSlope === 0 && threshold === 0) return tf.relu6(x);
  const y = rectify(x, config);
  return maxValue === null ? y : tf.minimum(y, maxValue);
};

export const leakyRelu: LayerForward<{ readonly slope: number }> = ({ slope }, inputs) =>
  tf.leakyRelu(only(inputs), slope);

export const prelu: LayerForward<PreluConfig> = (_config, inputs, weights) => {
  const x = only(inputs);
  return tf.add(tf.relu(x), tf.mul(weightOf(weights, 'alpha').value(), negative(x)));
};

export const elu: LayerForward<{ readonly alpha: number }> = ({ alpha }, inputs) => {
  const x = only(inputs);
  return alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.elu(negative(x)), alpha));
};

export const thresholdedRelu: LayerForward<{ readonly theta: number }> = ({ theta }, inputs) =>
  above(only(inputs), theta);
