/** Exponential linear units. Gradients are computed from the input, so that they can be differentiated again on both sides of zero. */

import { tf } from '../tf.ts';
import { reluGrad } from './kernels/relu-grad.ts';
import { rule } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';

/** y = x where x > 0, else exp(x) - 1: dx = dy exp(min(x, 0)). */
export const elu = rule('Elu', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.exp(tf.minimum(x, 0))) }));

/** Klambauer et al., "Self-Normalizing Neural Networks", arXiv 1706.02515 (2017). */
const scale = 1.0507009873554805;
const scaleAlpha = 1.7580993408473768;

/** y = scale x where x > 0, else scale alpha (exp(x) - 1). */
export const selu = rule('Selu', ['x'], (dy, { x }) => ({
  x: () => {
    const positive = reluGrad(dy, stopGradient(x));
    const negative = tf.mul(tf.sub(dy, positive), tf.exp(tf.minimum(x, 0)));
    return tf.add(tf.mul(positive, scale), tf.mul(negative, scaleAlpha));
  },
}));
