/** The transpose of broadcasting. */
import { type Tensor, tf } from '../tf.ts';

/**
 * Sums `dy` over the axes along which a tensor of `shape` was broadcast to the shape of `dy`. The result is always a new tensor: tfjs disposes
 * cotangents that it adds up, so that a rule must not return `dy` itself.
 */
export function sumToShape(dy: Tensor, shape: readonly number[]): Tensor {
  const lead = dy.rank - shape.length;
  const axes = dy.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return tf.clone(dy);
  const summed = tf.sum(dy, axes);
  return summed.rank === shape.length ? summed : tf.reshape(summed, [...shape]);
}
