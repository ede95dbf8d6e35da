/** TensorFlow's CPU kernels want the channels last: other tensors are transposed on the way in and back on the way out. */
import type { DataFormat } from '../../../topology/layers/window.ts';
import { type Tensor, tf } from '../../tf.ts';

/** [n, c, ...space] -> [n, ...space, c] where the format is channels_first. */
export function toChannelsLast(x: Tensor, format: DataFormat): Tensor {
  if (format === 'channels_last') return x;
  return tf.transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]);
}

/** [n, ...space, c] -> the layer's own layout. */
export function fromChannelsLast(x: Tensor, format: DataFormat): Tensor {
  if (format === 'channels_last') return x;
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, axis) => axis + 1)]);
}

/** The same with any axis in the place of the channels. */
export function withAxisLast(x: Tensor, axis: number, op: (x: Tensor) => Tensor): Tensor {
  return withAxesLast(x, [axis], op);
}

/** `op` on a tensor whose last axes are the given ones, in ascending order; it keeps the shape. */
export function withAxesLast(x: Tensor, axes: readonly number[], op: (x: Tensor) => Tensor): Tensor {
  const positions = axes.map((axis) => (axis < 0 ? axis + x.rank : axis)).sort((a, b) => a - b);
  if (positions.every((position, index) => position === x.rank - positions.length + index)) return op(x);
  const order = x.shape.map((_, index) => index);
  const forth = [...order.filter((index) => !positions.includes(index)), ...positions];
  return tf.transpose(
    op(tf.transpose(x, forth)),
    order.map((index) => forth.indexOf(index)),
  );
}
