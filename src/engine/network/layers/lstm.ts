/**
 * LSTM.
 *
 *   [i f g o] = x_t W + h_{t-1} U + b
 *   c_t = sigma(f) c_{t-1} + sigma(i) phi(g)
 *   h_t = sigma(o) phi(c_t)
 *
 * sigma is recurrent_activation, phi is activation; gates lie in this order in tfjs and Keras.
 * References: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); F. Gers et al., "Learning to Forget:
 * Continual Prediction with LSTM", Neural Computation 12 (2000).
 */
import type { GatedConfig } from '../../../topology/layers/recurrent.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { weightOf } from './common.ts';
import { overTime, projectInputs, projectState, vectors } from './recurrent.ts';

export const lstm: LayerForward<GatedConfig> = (config, inputs, weights, context) => {
  const sequence = inputs[0] as Tensor;
  const recurrent = weightOf(weights, 'recurrent_kernel');
  const gate = (x: Tensor) => activate(config.recurrentActivation, x);
  const projected = projectInputs(sequence, weightOf(weights, 'kernel'), weights.bias?.value()); // [n, t, 4 units]
  return overTime(projected, config, vectors(sequence, config, 2), inputs, context, (x, state) => {
    const [h, c] = state as [Tensor, Tensor];
    const z = tf.add(x, projectState(h, recurrent)); // [n, 4 units]
    const [i, f, g, o] = tf.split(z, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    // c_t = sigma(f) c_{t-1} + sigma(i) phi(g)
    const cell = tf.add(tf.mul(gate(f), c), tf.mul(gate(i), activate(config.activation, g)));
    // h_t = sigma(o) phi(c_t)
    return [tf.mul(gate(o), activate(config.activation, cell)), cell];
  });
};
