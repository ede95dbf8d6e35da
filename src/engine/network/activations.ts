/**
 * The activation functions, composed of operations whose kernels have gradient rules tested to second order (src/engine/gradients).
 *
 *   hard_sigmoid (tfjs, Keras 2)   clip(0.2 x + 0.5, 0, 1)
 *   hard_sigmoid_keras3            relu6(x + 3) / 6
 *   gelu                           x (1 + erf(x / sqrt 2)) / 2                                 arXiv 1606.08415
 *   gelu_new                       x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2           same, the approximation
 *   swish, hard_swish              x sigmoid(x), x relu6(x + 3) / 6                            arXiv 1710.05941, 1905.02244
 *   mish                           x tanh(softplus(x))                                         arXiv 1908.08681
 *   hard_shrink, soft_shrink       x where |x| > 1/2, else 0; sign(x) max(|x| - 1/2, 0)
 *   sparse_plus, sparse_sigmoid    (c + 1)^2 / 4 + max(x - 1, 0) and (c + 1) / 2, c = clip(x, -1, 1)
 *   sparsemax                      max(x - tau, 0), zero except for the largest x                               arXiv 1602.02068, see below
 *   glu                            a sigmoid(b) for the halves a, b of the last axis                 arXiv 1612.08083
 *   leaky_relu                     slope 0.2, Keras' default of the activation (the layer's is 0.3)
 */
import type { ActivationName, ActivationRef, LayerActivation } from '../../topology/activations.ts';
import { logSoftmax, softmax } from '../ops/log-softmax.ts';
import { rectify, scaledElu } from '../ops/rectify.ts';
import { type Tensor, tf } from '../tf.ts';

export type Activation = (x: Tensor) => Tensor;

const half = (x: Tensor) => tf.mul(x, 0.5);
const geluNewSlope = Math.sqrt(2 / Math.PI);
const hardGate: Activation = (x) => tf.div(tf.relu6(tf.add(x, 3)), 6);

const clipped: Activation = (x) => tf.clipByValue(x, -1, 1);

/**
 * sparsemax as Keras computes it. With x_(1) >= x_(2) >= ... and c_r = x_(1) + ... + x_(r), the support holds the r with 1 + r x_(r) > c_r, and
 *
 *   tau = (sum of c_r over the support - 1) / (size of the support)
 *
 * The paper uses only the last c_r; here outputs sum to 1 only where the support is a single element. c_r contains x_(i) for every r >= i, so
 * that the sum is that of (k - i + 1) x_(i). Support and ranks are constant almost everywhere.
 */
function sparsemax(x: Tensor): Tensor {
  const size = x.shape.at(-1) as number;
  const [other, own] = [tf.expandDims(x, -2), tf.expandDims(x, -1)]; // [..., 1, j], [..., i, 1]
  const earlier = Float32Array.from({ length: size * size }, (_, at) => (at % size <= Math.floor(at / size) ? 1 : 0));
  const above = tf.cast(tf.greater(other, own), 'float32');
  const tied = tf.mul(tf.cast(tf.equal(other, own), 'float32'), tf.tensor2d(earlier, [size, size]));
  const counted = tf.add(above, tied); // [..., i, j]: x_j precedes or equals x_i
  const rank = tf.sum(counted, -1);
  const total = tf.sum(tf.mul(counted, other), -1);
  const support = tf.cast(tf.greater(tf.add(tf.mul(rank, x), 1), total), 'float32');
  const count = tf.sum(support, -1, true);
  const weights = tf.mul(support, tf.sub(tf.add(count, 1), rank));
  const tau = tf.div(tf.sub(tf.sum(tf.mul(weights, x), -1, true), 1), count);
  return tf.relu(tf.sub(x, tau));
}

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
  hard_shrink: (x) => tf.mul(x, tf.step(tf.sub(tf.abs(x), 0.5))),
  soft_shrink: (x) => tf.sub(tf.relu(tf.sub(x, 0.5)), tf.relu(tf.sub(tf.neg(x), 0.5))),
  sparse_plus: (x) => tf.add(tf.mul(tf.square(tf.add(clipped(x), 1)), 0.25), tf.relu(tf.sub(x, 1))),
  sparse_sigmoid: (x) => half(tf.add(clipped(x), 1)),
  sparsemax,
  glu(x) {
    const [a, b] = tf.split(x, 2, -1) as [Tensor, Tensor];
    return tf.mul(a, tf.sigmoid(b));
  },
};

function activateLayer({ className, config }: LayerActivation, x: Tensor): Tensor {
  if (className === 'ReLU') return rectify(x, config);
  return className === 'LeakyReLU' ? tf.leakyRelu(x, config.slope) : scaledElu(x, config.alpha);
}

/** Applies an activation to a tensor of any shape; softmax, log_softmax, sparsemax and glu act on the last axis. */
export function activate(activation: ActivationRef, x: Tensor): Tensor {
  return typeof activation === 'string' ? activations[activation](x) : activateLayer(activation, x);
}
