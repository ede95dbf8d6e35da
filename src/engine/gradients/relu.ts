/**
 * Piecewise-linear activations: the derivative is a mask that is constant almost everywhere, so that the input of the mask is detached from further
 * derivatives.
 */

import { tf } from '../tf.ts';
import { reluGrad } from './kernels/relu-grad.ts';
import { type Gradients, noGradient, rule, runKernel } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';
import { sumToShape } from './sum-to-shape.ts';

/**
 * Relu: dx = dy where x > 0, which is equivalent to y > 0. The mask is computed from a recomputed y (a recorded graph merges it with the first one):
 * the next layer keeps y in any case, so that x, a whole activation, can be freed.
 */
export const relu = rule('Relu', ['x'], (dy, { x }) => ({ x: () => reluGrad(dy, tf.relu(stopGradient(x))) }));
/** Relu6: dx = dy where 0 < x < 6, which is equivalent to 0 < y < 6. */
export const relu6 = rule('Relu6', ['x'], (dy, { x }) => ({
  x: () => runKernel('Relu6Grad', { dy, x: tf.relu6(stopGradient(x)) }),
}));
/** LeakyRelu: dx = dy where x > 0, else alpha dy. */
export const leakyRelu = rule('LeakyRelu', ['x'], (dy, { x }, { alpha }: { alpha: number }) => ({
  x: () => runKernel('LeakyReluGrad', { dy, x: stopGradient(x) }, { alpha }),
}));

/** A masked copy is its own transpose, so that the same kernel is applied to the cotangent. */
const maskRule = (kernelName: string) =>
  rule(
    kernelName,
    ['x'],
    (g, { x }, attributes: object): Gradients => ({
      dy: () => runKernel(kernelName, { dy: g, x: stopGradient(x) }, attributes),
      x: noGradient(x),
    }),
  );
export const reluGradRule = maskRule('ReluGrad');
export const relu6GradRule = maskRule('Relu6Grad');
export const leakyReluGradRule = maskRule('LeakyReluGrad');

/** Prelu: y = x where x > 0, else alpha x. With n = dy where x <= 0: dx = (dy - n) + alpha n, dalpha = n x summed over the shared axes. */
export const prelu = rule('Prelu', ['x', 'alpha'], (dy, { x, alpha }) => {
  const positive = () => reluGrad(dy, stopGradient(x));
  return {
    x: () => {
      const kept = positive();
      return tf.add(kept, tf.mul(alpha, tf.sub(dy, kept)));
    },
    alpha: () => sumToShape(tf.mul(tf.sub(dy, positive()), x), alpha.shape),
  };
});
