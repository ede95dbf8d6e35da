/**
 * GRU.
 *
 *   z = sigma(x_t W_z + h U_z),  r = sigma(x_t W_r + h U_r),  h = h_{t-1}
 *   reset before (tfjs, arXiv v1)       g = phi(x_t W_g + (r h) U_g)
 *   reset after  (Keras 3, cuDNN, v3)   g = phi(x_t W_g + r (h U_g))
 *   h_t = z h + (1 - z) g
 *
 * sigma is recurrent_activation, phi is activation. Biases are omitted above: one [3 units] for the input, and with reset after a second
 * one for h U, which is row 1 of [2, 3 units].
 * Reference: K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", arXiv 1406.1078 (2014).
 */
import type { GruConfig } from '../../../topology/layers/gru.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward, Weight } from '../layer-forward.ts';
import { weightOf } from './common.ts';
import { overTime, projectInputs, projectState, type Step, vectors } from './recurrent.ts';

/** h_t = z h + (1 - z) g = g + z (h - g) */
const blend = (z: Tensor, h: Tensor, g: Tensor) => tf.add(g, tf.mul(z, tf.sub(h, g)));

function resetAfter(config: GruConfig, recurrent: Weight, bias: Tensor | undefined): Step {
  return (x, [h]) => {
    const product = projectState(h as Tensor, recurrent); // [n, 3 units]
    const biased = bias === undefined ? product : tf.add(product, bias);
    const [xz, xr, xg] = tf.split(x, 3, 1) as [Tensor, Tensor, Tensor];
    const [hz, hr, hg] = tf.split(biased, 3, 1) as [Tensor, Tensor, Tensor];
    const z = activate(config.recurrentActivation, tf.add(xz, hz));
    const r = activate(config.recurrentActivation, tf.add(xr, hr));
    // g = phi(x_t W_g + r (h U_g))
    const g = activate(config.activation, tf.add(xg, tf.mul(r, hg)));
    return [blend(z, h as Tensor, g)];
  };
}

function resetBefore(config: GruConfig, recurrent: Weight): Step {
  const { units } = config;
  // The kernel is split once, outside of the loop; as the argument of applyLinear it would be split at every step.
  const [gates, candidate] = tf.split(recurrent.value(), [2 * units, units], 1) as [Tensor, Tensor];
  return (x, [h]) => {
    const [xGates, xg] = tf.split(x, [2 * units, units], 1) as [Tensor, Tensor];
    const zr = activate(config.recurrentActivation, tf.add(xGates, tf.matMul(h as Tensor, gates))); // [n, 2 units]
    const [z, r] = tf.split(zr, 2, 1) as [Tensor, Tensor];
    // g = phi(x_t W_g + (r h) U_g)
    const g = activate(config.activation, tf.add(xg, tf.matMul(tf.mul(r, h as Tensor), candidate)));
    return [blend(z, h as Tensor, g)];
  };
}

export const gru: LayerForward<GruConfig> = (config, inputs, weights, context) => {
  const recurrent = weightOf(weights, 'recurrent_kernel');
  const bias = weights.bias?.value(); // [3 units] or [2, 3 units]
  const [ofInput, ofState] = config.resetAfter && bias !== undefined ? tf.unstack(bias, 0) : [bias];
  const step = config.resetAfter ? resetAfter(config, recurrent, ofState) : resetBefore(config, recurrent);
  const sequence = inputs[0] as Tensor;
  const projected = projectInputs(sequence, weightOf(weights, 'kernel'), ofInput);
  return overTime(projected, config, vectors(sequence, config, 1), inputs, context, step);
};
