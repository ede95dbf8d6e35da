/**
 * The activation functions, from ops whose kernels have gradient rules proven to second order (src/engine/gradients).
 *
 *   hard_sigmoid (tfjs, Keras 2)   clip(0.2 x + 0.5, 0, 1)
 *   hard_sigmoid_keras3            relu6(x + 3) / 6
 *   gelu                           x (1 + erf(x / sqrt 2)) / 2                                 arXiv 1606.08415
 *   gelu_new                       x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2           same, the approximation
 *   swish, hard_swish              x sigmoid(x), x relu6(x + 3) / 6                            arXiv 1710.05941, 1905.02244
 *   mish                           x tanh(softplus(x))                                         arXiv 1908.08681
 *   leaky_relu                     slope 0.2, Keras' default of the activation (the layer's is 0.3)
 */
import type { ActivationName } from '../../topology/activations.ts';
import { logSoftmax, softmax } from '../ops/log-softmax.ts';
import { type Tensor, tf } from '../tf.ts';

export type Activation = (x: Tensor) => Tensor;

const half = (x: Tensor) => tf.mul(x, 0.5);
const geluNewSlope = Math.sqrt(2 / Math.PI);
const hardGate: Activation = (x) => tf.div(tf.relu6(tf.add(x, 3)), 6);

const activations: { readonly [K in ActivationName]: Activation } = {
  linear: (x) => x,
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(x),
  leaky_relu: (x) => tf.leakyRelu(x, 0.2),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  celu: (x) => tf.elu(x),
  gelu: (x) => tf.mul(half(x), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  gelu_new: (x) => {
    const cubic = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)); // x + 0.044715 x^3
    return tf.mul(half(x), tf.add(tf.tanh(tf.mul(cubic, geluNewSlope)), 1));
  },
  softplus: (x) => tf.softplus(x),
  softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  tanh: (x) => tf.tanh(x),
  tanh_shrink: (x) => tf.sub(x, tf.tanh(x)),
  hard_tanh: (x) => tf.clipByValue(x, -1, 1),
  sigmoid: (x) => tf.sigmoid(x),
  log_sigmoid: (x) => tf.neg(tf.softplus(tf.neg(x))),
  hard_sigmoid: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  hard_sigmoid_keras3: hardGate,
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  hard_swish: (x) => tf.mul(x, hardGate(x)),
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  squareplus: (x) => half(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4)))),
  exponential: (x) => tf.exp(x),
  softmax,
  log_softmax: logSoftmax,
};

/** Applies an activation to a tensor of any shape; softmax and log_softmax work over the last axis. */
export function activate(name: ActivationName, x: Tensor): Tensor {
  return activations[name](x);
}
