/** Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate. */
import type { ConcatenateConfig } from '../../../topology/layers/concatenate.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';

/** Missing axes are inserted after the batch axis. */
function alignRanks(inputs: readonly Tensor[]): Tensor[] {
  const rank = Math.max(...inputs.map((input) => input.rank));
  return inputs.map((input) => {
    if (input.rank === rank) return input;
    const missing = Array.from({ length: rank - input.rank }, () => 1);
    return tf.reshape(input, [input.shape[0] ?? 1, ...missing, ...input.shape.slice(1)]);
  });
}

const fold =
  (op: (a: Tensor, b: Tensor) => Tensor): LayerForward<null> =>
  (_config, inputs) =>
    alignRanks(inputs).reduce((a, b) => op(a, b));

export const add = fold((a, b) => tf.add(a, b));
export const subtract = fold((a, b) => tf.sub(a, b));
export const multiply = fold((a, b) => tf.mul(a, b));
export const maximum = fold((a, b) => tf.maximum(a, b));
export const minimum = fold((a, b) => tf.minimum(a, b));
export const average: LayerForward<null> = (config, inputs, weights, context) =>
  tf.div(add(config, inputs, weights, context), inputs.length);

export const concatenate: LayerForward<ConcatenateConfig> = ({ axis }, inputs) => tf.concat([...inputs], axis);
