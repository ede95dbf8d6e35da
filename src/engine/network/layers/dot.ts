/** Dot: sums over one axis of each input, per sample, as one batched matrix product. */

import { AppError } from '../../../errors.ts';
import type { DotConfig } from '../../../topology/layers/dot.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';

/** Scales vectors along `axis` to length 1; both frameworks bound the squared length below by 1e-12. */
function toUnitLength(x: Tensor, axis: number): Tensor {
  const squares = tf.sum(tf.square(x), axis, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squares, 1e-12)));
}

export const dot: LayerForward<DotConfig> = ({ axes, normalize }, inputs) => {
  const [first, second] = inputs;
  if (!first || !second) throw new AppError('LAYER_INVALID', `takes 2 inputs, got ${inputs.length}`);
  const [i, j] = [axes[0] < 0 ? axes[0] + first.rank : axes[0], axes[1] < 0 ? axes[1] + second.rank : axes[1]];
  const a = normalize ? toUnitLength(first, i) : first;
  const b = normalize ? toUnitLength(second, j) : second;
  if (a.rank === 2 && b.rank === 2) return tf.sum(tf.mul(a, b), 1, true); // [n, 1]
  const left = a.rank === 2 ? tf.expandDims(a, 1) : a; // [n, m, k] or [n, k, m]
  const right = b.rank === 2 ? tf.expandDims(b, 2) : b; // [n, k, p] or [n, p, k]
  const y = tf.matMul(left, right, a.rank === 3 && i === 1, b.rank === 3 && j === 2); // [n, m, p]
  if (a.rank === 3 && b.rank === 3) return y;
  return tf.squeeze(y, [a.rank === 2 ? 1 : 2]);
};
