/** Selections between two values, and functions with a kink. The selection is constant almost everywhere, and detached from further derivatives. */

import { type Tensor, tf } from '../tf.ts';
import { reluGrad } from './kernels/relu-grad.ts';
import { noGradient, rule, runKernel } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';
import { sumToShape } from './sum-to-shape.ts';

/** The second operand receives dy where it is strictly better; for equal values the first one does, as in TensorFlow. */
const choiceRule = (kernelName: 'Maximum' | 'Minimum', advantageOf: (a: Tensor, b: Tensor) => Tensor) =>
  rule(kernelName, ['a', 'b'], (dy, { a, b }) => {
    const second = () => reluGrad(dy, advantageOf(stopGradient(a), stopGradient(b)));
    return { a: () => sumToShape(tf.sub(dy, second()), a.shape), b: () => sumToShape(second(), b.shape) };
  });

export const maximum = choiceRule('Maximum', (a, b) => tf.sub(b, a));
export const minimum = choiceRule('Minimum', (a, b) => tf.sub(a, b));

/** dx = dy sign(x). */
export const abs = rule('Abs', ['x'], (dy, { x }) => ({ x: () => tf.mul(dy, tf.sign(stopGradient(x))) }));

interface ClipAttributes {
  clipValueMin: number;
  clipValueMax: number;
}

/** dx = dy where min <= x <= max. */
export const clipByValue = rule('ClipByValue', ['x'], (dy, { x }, { clipValueMin, clipValueMax }: ClipAttributes) => ({
  x: () => {
    const fixed = stopGradient(x);
    const inside = tf.logicalAnd(tf.greaterEqual(fixed, clipValueMin), tf.lessEqual(fixed, clipValueMax));
    return tf.mul(dy, tf.cast(inside, 'float32'));
  },
}));

/** y = t where the condition holds, else e. The cotangents are selected too, because multiplying by a mask would turn an infinite dy into NaN. */
export const select = rule('Select', ['condition'], (dy, { condition }) => {
  const zeros = () => tf.zerosLike(stopGradient(dy));
  return {
    condition: noGradient(condition),
    t: () => runKernel('Select', { condition, t: dy, e: zeros() }),
    e: () => runKernel('Select', { condition, t: zeros(), e: dy }),
  };
});
