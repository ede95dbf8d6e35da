/**
 * Batch normalisation with GIVEN statistics (the inference kernel of tfjs); src/engine/ops/batch-norm.ts computes batch statistics.
 *
 *   y = (x - mean) r scale + offset,   r = 1 / sqrt(variance + eps)
 */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';
import { sumToShape } from './sum-to-shape.ts';

export const fusedBatchNorm = rule(
  'FusedBatchNorm',
  ['x', 'mean', 'variance', 'scale'],
  (dy, { x, mean, variance, scale }, { varianceEpsilon }: { varianceEpsilon: number }) => {
    const r = () => tf.rsqrt(tf.add(variance, varianceEpsilon)); // [c]
    const slope = () => tf.mul(scale, r()); // dy/dx, [c]
    const inner = () => sumToShape(tf.mul(dy, tf.sub(x, mean)), mean.shape); // sum(dy (x - mean)), [c]
    return {
      x: () => tf.mul(dy, slope()),
      offset: () => sumToShape(dy, mean.shape),
      scale: () => tf.mul(inner(), r()),
      mean: () => tf.neg(tf.mul(sumToShape(dy, mean.shape), slope())),
      // d r / d variance = -r / (2 (variance + eps))
      variance: () => tf.div(tf.mul(inner(), slope()), tf.mul(tf.add(variance, varianceEpsilon), -2)),
    };
  },
);
