/** Exponentials, logarithms and smooth activations. Gradients are computed from the saved input. */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';

/** dx = dy exp(x). */
export const exp = rule('Exp', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.exp(x)) }));
export const expm1 = rule('Expm1', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.exp(x)) }));

/** dx = dy / x. */
export const log = rule('Log', ['x'], (dy, { x }) => ({ x: () => tf.div(dy, x) }));
/** dx = dy / (1 + x). */
export const log1p = rule('Log1p', ['x'], (dy, { x }) => ({ x: () => tf.div(dy, tf.add(x, 1)) }));

/** dx = dy (1 - tanh(x)^2). */
export const tanh = rule('Tanh', ['x'], (dy, { x }) => ({ x: () => tf.sub(dy, tf.mul(dy, tf.square(tf.tanh(x)))) }));

/** y = sigmoid(x): dx = dy (y - y^2). */
export const sigmoid = rule('Sigmoid', ['x'], (dy, { x }) => ({
  x: () => {
    const y = tf.sigmoid(x);
    return tf.mul(dy, tf.sub(y, tf.square(y)));
  },
}));

/** y = ln(1 + exp(x)): dx = dy sigmoid(x). */
export const softplus = rule('Softplus', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.sigmoid(x)) }));

/** dx = dy 2 / sqrt(pi) exp(-x^2). */
export const erf = rule('Erf', ['x'], (dy, { x }) => ({
  x: () => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
}));

/** dx = dy / (1 + x^2). */
export const atan = rule('Atan', ['x'], (dy, { x }) => ({ x: () => tf.div(dy, tf.add(tf.square(x), 1)) }));

export const sin = rule('Sin', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.cos(x)) }));
export const cos = rule('Cos', ['x'], (dy, { x }) => ({ x: () => tf.neg(tf.mul(dy, tf.sin(x))) }));
