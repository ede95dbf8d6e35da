/**
 * The rectifiers that are layers; src/engine/ops/rectify.ts has the formulas of ReLU, LeakyReLU and ELU.
 *
 *   PReLU            alpha x below 0, alpha learned
 *   ThresholdedReLU  x where x > theta, else 0
 */
import type { PreluConfig, ReluConfig } from '../../../topology/layers/rectifiers.ts';
import { above, negative, rectify, scaledElu } from '../../ops/rectify.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only, weightOf } from './common.ts';

export const relu: LayerForward<ReluConfig> = (config, inputs) => rectify(only(inputs), config);

export const leakyRelu: LayerForward<{ readonly slope: number }> = ({ slope }, inputs) =>
  tf.leakyRelu(only(inputs), slope);

export const prelu: LayerForward<PreluConfig> = (_config, inputs, weights) => {
  const x = only(inputs);
  return tf.add(tf.relu(x), tf.mul(weightOf(weights, 'alpha').value(), negative(x)));
};

export const elu: LayerForward<{ readonly alpha: number }> = ({ alpha }, inputs) => scaledElu(only(inputs), alpha);

export const thresholdedRelu: LayerForward<{ readonly theta: number }> = ({ theta }, inputs) =>
  above(only(inputs), theta);
