/** Compares exact derivatives along a random direction with five-point central differences, for orders 1 and 2. */
import { type Scalar, type Tensor, tf } from '../../src/engine/tf.ts';

export type ScalarFunction = (at: readonly Tensor[]) => Scalar;

export interface Comparison {
  readonly exact: number;
  readonly differences: number;
}

const value = (scalar: Tensor) => scalar.dataSync()[0] ?? Number.NaN;

const gradients = (f: ScalarFunction, at: readonly Tensor[]) => tf.grads((...v: Tensor[]) => f(v))([...at]);

/** |grad f|^2, which can be differentiated. */
const squaredNorm =
  (f: ScalarFunction): ScalarFunction =>
  (at) =>
    tf.addN(gradients(f, at).map((g) => tf.sum(tf.mul(g, g)))) as Scalar;

function alongDirection(f: ScalarFunction, at: readonly Tensor[], seed: number, step: number): Comparison {
  return tf.tidy(() => {
    const direction = at.map((tensor, i) => tf.randomNormal(tensor.shape, 0, 1, 'float32', seed + i));
    const exact = value(tf.addN(gradients(f, at).map((g, i) => tf.sum(tf.mul(g, direction[i] as Tensor)))));
    const moved = (by: number) => value(f(at.map((tensor, i) => tf.add(tensor, tf.mul(direction[i] as Tensor, by)))));
    // (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h, error O(h^4)
    const near = moved(step) - moved(-step);
    const far = moved(2 * step) - moved(-2 * step);
    return { exact, differences: (8 * near - far) / (12 * step) };
  });
}

/** Derivatives of f and of |grad f|^2 along a direction drawn from `seed`. */
export function compareDerivatives(
  f: ScalarFunction,
  at: readonly Tensor[],
  seed = 1,
  step = 0.02,
): [Comparison, Comparison] {
  return [alongDirection(f, at, seed, step), alongDirection(squaredNorm(f), at, seed, step)];
}
