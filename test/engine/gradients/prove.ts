/**
 * How a gradient rule is proven: exact directional derivatives of orders 1, 2 and 3 against central differences on the TensorFlow backend.
 *
 * For an op h of inputs x, with constant random weights w and u,
 *
 *   F(x) = sum(w h^2) + sum(u h) |x|^2
 *
 * reaches x by a second path, so that the cotangent of h depends on x: a rule that drops a path in second order (facts of saved outputs) shows.
 * With one random direction v, D_0 = F and D_k = <grad D_(k-1), v> by the rules; each D_k is compared with the derivative of D_(k-1) along v by
 * central differences, Richardson-extrapolated, at the best of three steps (float32 leaves one to two digits of play between them).
 */
import { type Tensor, tf } from '../../../src/engine/tf.ts';

export interface Proof {
  /** The kernel whose rule is proven. */
  readonly kernel: string;
  /** What sets the row apart from the kernel's other rows. */
  readonly variant?: string;
  /** Shapes of the inputs along which the derivative is taken. */
  readonly shapes: readonly (readonly number[])[];
  readonly op: (...inputs: Tensor[]) => Tensor;
  /** Values of the inputs, away from kinks and poles. Default: uniform in [-1, 1]. */
  readonly draw?: Draw;
  /** Largest relative error of any order. Default 1e-3. */
  readonly tolerance?: number;
}

export type Draw = (shape: number[], seed: number) => Tensor;
type ScalarFunction = (inputs: Tensor[]) => Tensor;

export const defaultTolerance = 1e-3;
export const orders = [1, 2, 3] as const;

/** Largest distance along v; draws keep twice as far from kinks. */
const steps = [0.04, 0.02, 0.01];

export const uniform =
  (low: number, high: number): Draw =>
  (shape, seed) =>
    tf.randomUniform(shape, low, high, 'float32', seed);

/** Magnitudes in [0.2, 1.2], both signs: away from a kink at zero. */
export const awayFromZero: Draw = (shape, seed) => {
  const signs = tf.sub(tf.mul(tf.cast(tf.greater(uniform(-1, 1)(shape, seed + 1), 0), 'float32'), 2), 1);
  return tf.mul(signs, uniform(0.2, 1.2)(shape, seed));
};

/** All elements at least 0.1 apart, in an order without pattern: away from ties. */
export const distinct: Draw = (shape, seed) => {
  const size = shape.reduce((product, length) => product * length, 1);
  // Multiplication by a unit modulo a prime above `size` permutes 1..prime-1; ranks of the first `size` images are a permutation of 0..size-1.
  const images = Array.from({ length: size }, (_, index) => ((index + 1) * (17 + seed)) % 10_007);
  const ranks = images.map((image) => images.filter((other) => other < image).length);
  return tf.tensor(
    ranks.map((rank) => (rank - size / 2) * 0.1),
    shape,
  );
};

/** F of a proof, a scalar function of all its inputs. */
export function functionOf({ op }: Pick<Proof, 'op'>): ScalarFunction {
  return (inputs) => {
    const h = op(...inputs);
    const w = uniform(0.5, 1)(h.shape, 3);
    const u = uniform(-1, 1)(h.shape, 4);
    const squares = tf.addN(inputs.map((input) => tf.sum(tf.square(input))));
    return tf.add(tf.sum(tf.mul(w, tf.square(h))), tf.mul(tf.sum(tf.mul(u, h)), squares));
  };
}

/** x -> <grad f(x), v>. */
function along(f: ScalarFunction, v: readonly Tensor[]): ScalarFunction {
  return (inputs) => {
    const gradients = tf.grads((...xs: Tensor[]) => f(xs))(inputs);
    return tf.addN(gradients.map((gradient, index) => tf.sum(tf.mul(gradient, v[index] as Tensor))));
  };
}

const scalarOf = (f: ScalarFunction, inputs: Tensor[]): number => tf.tidy(() => f(inputs).dataSync()[0] as number);

function centralDifferences(f: ScalarFunction, x: readonly Tensor[], v: readonly Tensor[]): number[] {
  const at = (step: number) =>
    tf.tidy(() =>
      scalarOf(
        f,
        x.map((input, index) => tf.add(input, tf.mul(v[index] as Tensor, step))),
      ),
    );
  const central = (step: number) => (at(step) - at(-step)) / (2 * step);
  return steps.map((step) => (4 * central(step / 2) - central(step)) / 3);
}

/** The relative errors of orders 1, 2 and 3. */
export function proveRow(proof: Pick<Proof, 'shapes' | 'op' | 'draw'>): number[] {
  return tf.tidy(() => {
    const draw = proof.draw ?? uniform(-1, 1);
    const x = proof.shapes.map((shape, index) => draw([...shape], 11 + 2 * index));
    const v = proof.shapes.map((shape, index) => uniform(-1, 1)([...shape], 71 + index));
    let lower = functionOf(proof);
    return orders.map(() => {
      const higher = along(lower, v);
      const exact = scalarOf(higher, x);
      const errors = centralDifferences(lower, x, v).map(
        (estimate) => Math.abs(estimate - exact) / (Math.abs(exact) + 1e-3),
      );
      lower = higher;
      return Math.min(...errors.map((error) => (Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)));
    });
  });
}

/** The values at which a row is proven, for tests that look at something else than the error. */
export function inputsOf({ shapes, draw = uniform(-1, 1) }: Pick<Proof, 'shapes' | 'draw'>): Tensor[] {
  return shapes.map((shape, index) => draw([...shape], 11 + 2 * index));
}
