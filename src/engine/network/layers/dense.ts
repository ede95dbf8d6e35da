/** Dense: activation(x kernel + bias) over the last axis. */
import type { DenseConfig } from '../../../topology/layers/dense.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { addBias, only, weightOf } from './common.ts';

export const dense: LayerForward<DenseConfig> = ({ units, activation }, inputs, weights) => {
  const x = only(inputs); // [n, ..., features]
  const flat = x.rank === 2 ? x : tf.reshape(x, [-1, x.shape.at(-1) as number]);
  const product = weightOf(weights, 'kernel').applyLinear((kernel) => tf.matMul(flat, kernel)); // [n ..., units]
  const y: Tensor = addBias(product, weights.bias);
  return activate(activation, x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]));
};
