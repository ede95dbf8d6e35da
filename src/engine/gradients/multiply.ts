/** Products and quotients. */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';
import { sumToShape } from './sum-to-shape.ts';

/** y = a b: da = dy b, db = dy a. */
export const multiply = rule('Multiply', ['a', 'b'], (dy, { a, b }) => ({
  a: () => sumToShape(tf.mul(dy, b), a.shape),
  b: () => sumToShape(tf.mul(dy, a), b.shape),
}));

/** y = a / b: da = dy / b, db = -(dy / b)(a / b). */
export const realDiv = rule('RealDiv', ['a', 'b'], (dy, { a, b }) => ({
  a: () => sumToShape(tf.div(dy, b), a.shape),
  b: () => tf.neg(sumToShape(tf.mul(tf.div(dy, b), tf.div(a, b)), b.shape)),
}));

/** y = 1 / x: dx = -dy / x^2. */
export const reciprocal = rule('Reciprocal', ['x'], (dy, { x }) => ({ x: () => tf.neg(tf.div(dy, tf.square(x))) }));

/** y = (a - b)^2: da = 2 (a - b) dy, db = -da. */
export const squaredDifference = rule('SquaredDifference', ['a', 'b'], (dy, { a, b }) => {
  const full = () => tf.mul(tf.mul(dy, tf.sub(a, b)), 2);
  return { a: () => sumToShape(full(), a.shape), b: () => tf.neg(sumToShape(full(), b.shape)) };
});
