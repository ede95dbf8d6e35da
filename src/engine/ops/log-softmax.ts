/**
 * Softmax and its logarithm over the last axis, composed of operations that can be differentiated twice (those of tfjs hide a custom gradient).
 *
 *   log softmax(x) = z - log(sum(exp(z))),  softmax(x) = exp(z) / sum(exp(z)),  z = x - c,  c = max(x)
 *
 * The result does not depend on c, so that its derivative is zero to every order: c is detached, which also removes the kinks of max.
 */

import { stopGradient } from '../gradients/stop-gradient.ts';
import { type Tensor, tf } from '../tf.ts';

const shifted = (x: Tensor) => tf.sub(x, tf.max(stopGradient(x), -1, true)); // z, [..., c]

/** x: logits [..., c]; returns log-probabilities of the same shape. */
export function logSoftmax(x: Tensor): Tensor {
  const z = shifted(x);
  return tf.sub(z, tf.log(tf.sum(tf.exp(z), -1, true)));
}

/** x: logits [..., c]; returns probabilities of the same shape. */
export function softmax(x: Tensor): Tensor {
  const exponentials = tf.exp(shifted(x));
  return tf.div(exponentials, tf.sum(exponentials, -1, true));
}
