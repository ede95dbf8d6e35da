/** TensorFlow's CPU kernels require channels in the last axis: other tensors are transposed before and after. */
import type { DataFormat } from '../../../topology/layers/window.ts';
import { type Tensor, tf } from '../../tf.ts';

/** [n, c, ...space] -> [n, ...space, c] where the format is channels_first. */
export function toChannelsLast(x: Tensor, format: DataFormat): Tensor {
  if (format === 'channels_last') return x;
  return tf.transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]);
}

/** [n, ...space, c] -> the configured data format. */
export function fromChannelsLast(x: Tensor, format: DataFormat): Tensor {
  if (format === 'channels_last') return x;
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, axis) => axis + 1)]);
}

/** Applies `op` with a given axis moved to the end. */
export function withAxisLast(x: Tensor, axis: number, op: (x: Tensor) => Tensor): Tensor {
  return withAxesLast(x, [axis], op);
}

/** Applies `op`, which preserves the shape, with the given axes moved to the end in ascending order. */
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
