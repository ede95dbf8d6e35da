/** Reductions: the cotangent is broadcast to the reduced axes. */

import { type Tensor, tf } from '../tf.ts';
import { rule } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';

interface ReductionAttributes {
  axis: number | number[];
  keepDims: boolean;
}

/** The shape of `x` with extent 1 at the reduced axes. */
function keptShape(x: Tensor, axis: number | number[]): number[] {
  const reduced = new Set(tf.util.parseAxisParam(axis, x.shape));
  return x.shape.map((size, index) => (reduced.has(index) ? 1 : size));
}

const kept = (dy: Tensor, shape: number[]) => (tf.util.arraysEqual(dy.shape, shape) ? dy : tf.reshape(dy, shape));

/** dx = dy at every summed element. */
export const sum = rule('Sum', ['x'], (dy, { x }, { axis }: ReductionAttributes) => ({
  x: () => tf.broadcastTo(kept(dy, keptShape(x, axis)), x.shape),
}));

/** dx = dy / n at every averaged element; the division precedes the broadcast, where it costs less. */
export const mean = rule('Mean', ['x'], (dy, { x }, { axis }: ReductionAttributes) => ({
  x: () => {
    const shape = keptShape(x, axis);
    const count = x.size / Math.max(tf.util.sizeFromShape(shape), 1);
    return tf.broadcastTo(tf.mul(kept(dy, shape), 1 / count), x.shape);
  },
}));

/** dx = dy where x is the extreme value, divided evenly among equal values. */
const extremeRule = (
  kernelName: 'Max' | 'Min',
  reduce: typeof tf.max,
  axisOf: (attributes: never) => number | number[],
) =>
  rule(kernelName, ['x'], (dy, { x }, attributes: never) => ({
    x: () => {
      const shape = keptShape(x, axisOf(attributes));
      const axes = tf.util.parseAxisParam(axisOf(attributes), x.shape);
      const fixed = stopGradient(x);
      const chosen = tf.cast(tf.equal(fixed, reduce(fixed, axes, true)), 'float32');
      const shares = tf.div(chosen, tf.sum(chosen, axes, true));
      return tf.mul(shares, kept(dy, shape));
    },
  }));

export const max = extremeRule(
  'Max',
  tf.max,
  ({ reductionIndices }: { reductionIndices: number | number[] }) => reductionIndices,
);
export const min = extremeRule('Min', tf.min, ({ axis }: { axis: number | number[] }) => axis);
