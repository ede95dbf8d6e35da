/**
 * SimpleRNN.
 *
 *   h_t = activation(x_t W + h_{t-1} U + b)
 *
 * Reference: J. L. Elman, "Finding Structure in Time", Cognitive Science 14 (1990).
 */
import type { RecurrentConfig } from '../../../topology/layers/recurrent.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { weightOf } from './common.ts';
import { overTime, projectInputs, projectState, vectors } from './recurrent.ts';

export const simpleRnn: LayerForward<RecurrentConfig> = (config, inputs, weights, context) => {
  const sequence = inputs[0] as Tensor;
  const recurrent = weightOf(weights, 'recurrent_kernel');
  const projected = projectInputs(sequence, weightOf(weights, 'kernel'), weights.bias?.value());
  return overTime(projected, config, vectors(sequence, config, 1), inputs, context, (x, [h]) => [
    activate(config.activation, tf.add(x, projectState(h as Tensor, recurrent))),
  ]);
};
