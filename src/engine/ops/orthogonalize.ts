/**
 * The nearest matrix with orthonormal rows or columns, approximately: the direction of a Muon step.
 *
 *   X_0 = G / ||G||_F,   X <- a X + (b A + c A A) X,  A = X X^T,   five times;   G = U S V^T gives about U V^T
 *
 * a, b, c = 3.4445, -4.7750, 2.0315 move the singular values of X from far below close to one in few iterations; they end at about 0.7 to 1.2.
 * A kernel of more than two axes is reshaped to a matrix whose columns are its last axis.
 *
 * Jordan, Jin, Boza, You, Cesista, Newhouse, Bernstein: Muon: An optimizer for hidden layers in neural networks. 2024.
 */
import { type Tensor, tf } from '../tf.ts';

const [a, b, c] = [3.4445, -4.775, 2.0315];
const iterations = 5;
const epsilon = 1e-7;

/** Rows and columns of a parameter as a matrix; null for vectors and scalars. */
export function matrixShape(shape: readonly number[]): [number, number] | null {
  const columns = shape.at(-1);
  if (shape.length < 2 || columns === undefined) return null;
  return [shape.slice(0, -1).reduce((product, extent) => product * extent, 1), columns];
}

/** g: [..., columns] with two axes or more; the result has its shape. Not intended to be differentiated. */
export function orthogonalize(g: Tensor): Tensor {
  const shape = matrixShape(g.shape);
  if (!shape) return g;
  const [rows, columns] = shape;
  const matrix = tf.reshape(g, [rows, columns]);
  const wide = rows <= columns ? matrix : tf.transpose(matrix); // the smaller of X X^T and X^T X
  let x = tf.div(wide, tf.add(tf.sqrt(tf.sum(tf.square(wide))), epsilon)); // X_0
  for (let step = 0; step < iterations; step++) {
    const gram = tf.matMul(x as never, x as never, false, true); // A
    const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c)); // b A + c A A
    x = tf.add(tf.mul(x, a), tf.matMul(polynomial as never, x as never));
  }
  return tf.reshape(rows <= columns ? x : tf.transpose(x), g.shape as never);
}

/** Factor that gives an orthogonalised update the root mean square of Adam's: 0.2 sqrt(max(rows, columns)). Liu et al., 2025, arXiv:2502.16982. */
export const muonFactor = ([rows, columns]: readonly [number, number]): number =>
  0.2 * Math.sqrt(Math.max(rows, columns));
