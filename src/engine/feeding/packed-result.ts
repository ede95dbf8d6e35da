/** Packs the results of a step, its numbers and one gradient per scale, into a single vector, which the host reads once. */
import { type Tensor, tf } from '../tf.ts';

/** The vector: the numbers, the K gradients, and K flags, which are 0 for scales that the value does not depend on. */
export function pack(numbers: readonly Tensor[], gradients: readonly (Tensor | null)[]): Tensor {
  const flags = gradients.map((gradient) => tf.scalar(gradient ? 1 : 0));
  return tf.stack([...numbers, ...gradients.map((gradient) => gradient ?? tf.scalar(0)), ...flags]);
}

/** The numbers and gradients of a packed result; null for scales that the value does not depend on. */
export function unpack(
  result: ArrayLike<number>,
  scaleCount: number,
): { numbers: number[]; gradients: (number | null)[] } {
  const values = Array.from(result);
  const start = values.length - 2 * scaleCount;
  const gradients = values.slice(start, start + scaleCount);
  return {
    numbers: values.slice(0, start),
    gradients: gradients.map((q, k) => (values[start + scaleCount + k] === 1 ? q : null)),
  };
}
