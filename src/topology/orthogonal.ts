/**
 * Orthogonal matrices, uniformly distributed: the Q of a Gaussian matrix whose R has a positive diagonal.
 *
 *   A = Q R, A_ij ~ N(0, 1);  rows >= columns: Q^T Q = I, else the transpose: Q Q^T = I
 *
 * Columns are orthogonalised one after the other (modified Gram-Schmidt) in float64 and twice, which keeps Q orthogonal to machine
 * precision; the diagonal of R is a norm, so it is positive and the sign correction of the LAPACK route is not needed.
 * References: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014,
 * arXiv:1312.6120; Mezzadri, "How to generate random matrices from the classical compact groups", 2007, arXiv:math-ph/0609050;
 * Giraud, Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt process", 2005 (twice is enough).
 */
import type { RandomStream } from './random.ts';

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function subtractMultiple(target: Float64Array, factor: number, direction: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) - factor * (direction[i] as number);
}

/** `count` orthonormal vectors of `length` >= `count` elements. */
function orthonormalVectors(count: number, length: number, random: RandomStream): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of vectors) subtractMultiple(vector, dot(vector, earlier), earlier);
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((element) => element / norm));
  }
  return vectors;
}

/** A row-major [rows, columns] matrix with orthonormal columns (rows >= columns) or rows (rows < columns), times `gain`. */
export function drawOrthogonal(rows: number, columns: number, gain: number, random: RandomStream): Float32Array {
  const vectors = orthonormalVectors(Math.min(rows, columns), Math.max(rows, columns), random);
  const matrix = new Float32Array(rows * columns);
  const [across, along] = rows < columns ? [columns, 1] : [1, columns];
  vectors.forEach((vector, v) => {
    for (let i = 0; i < vector.length; i++) matrix[v * across + i * along] = gain * (vector[i] as number);
  });
  return matrix;
}
