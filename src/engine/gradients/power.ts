/** Powers and roots. */

import { tf } from '../tf.ts';
import { rule } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';
import { sumToShape } from './sum-to-shape.ts';

/** y = x^2: dx = 2 x dy. */
export const square = rule('Square', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.mul(x, 2)) }));

/** y = sqrt(x): dx = dy / (2 sqrt(x)). */
export const sqrt = rule('Sqrt', ['x'], (dy, { x }) => ({ x: () => tf.div(dy, tf.mul(tf.sqrt(x), 2)) }));

/** y = x^(-1/2): dx = -dy x^(-1/2) / (2 x). */
export const rsqrt = rule('Rsqrt', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.div(tf.rsqrt(x), tf.mul(x, -2))) }));

/** y = a^b: da = dy b a^(b - 1); db = dy a^b ln a where a > 0, else 0. */
export const pow = rule('Pow', ['a', 'b'], (dy, { a, b }) => ({
  a: () => sumToShape(tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape),
  b: () => {
    const positive = tf.greater(stopGradient(a), 0);
    const logarithm = tf.log(tf.where(positive, a, tf.onesLike(stopGradient(a)))); // ln 1 = 0 where a <= 0
    return sumToShape(tf.mul(dy, tf.mul(tf.pow(a, b), logarithm)), b.shape);
  },
}));
