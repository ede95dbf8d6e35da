/**
 * Pooling. Average pooling and its gradient are linear and transposes of each other. Max pooling selects positions that are constant almost
 * everywhere:
 * its gradient scatters to these positions, and the gradient of that gathers from them.
 *
 *   y = maxPool(x)    dx = MaxPoolGrad(dy; x)    G of dx: MaxPoolGradGrad(G; x) for dy    H of that: MaxPoolGrad(H; x) for G
 */

import type { Tensor } from '../tf.ts';
import { noGradient, rule, runKernel } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';

/** Pooling attributes of tfjs, which are passed on unchanged. */
interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
}

const scatter = (dy: Tensor, x: Tensor, attributes: PoolAttributes) => {
  const input = stopGradient(x);
  const output = runKernel('MaxPool', { x: input }, attributes);
  return runKernel('MaxPoolGrad', { dy, input, output }, attributes);
};
const gather = (dx: Tensor, x: Tensor, attributes: PoolAttributes) =>
  runKernel('MaxPoolGradGrad', { dx, input: stopGradient(x) }, attributes);

export const maxPool = rule('MaxPool', ['x'], (dy, { x }, attributes: PoolAttributes) => ({
  x: () => scatter(dy, x, attributes),
}));
export const maxPoolGrad = rule(
  'MaxPoolGrad',
  ['input', 'output'],
  (g, { input, output }, attributes: PoolAttributes) => ({
    dy: () => gather(g, input, attributes),
    input: noGradient(input),
    output: noGradient(output),
  }),
);
export const maxPoolGradGrad = rule('MaxPoolGradGrad', ['input'], (h, { input }, attributes: PoolAttributes) => ({
  dx: () => scatter(h, input, attributes),
  input: noGradient(input),
}));

export const avgPool = rule('AvgPool', ['x'], (dy, { x }, attributes: PoolAttributes) => ({
  x: () => runKernel('AvgPoolGrad', { dy, input: stopGradient(x) }, attributes),
}));
export const avgPoolGrad = rule('AvgPoolGrad', ['input'], (g, { input }, attributes: PoolAttributes) => ({
  dy: () => runKernel('AvgPool', { x: g }, attributes),
  input: noGradient(input),
}));
