/**
 * Orthogonal matrices, uniformly distributed: the Q of a Gaussian matrix whose R has a positive diagonal.
 *
 *   A = Q R, A_ij ~ N(0, 1);  rows >= columns: Q^T Q = I, else the transpose: Q Q^T = I
 *
 * Columns are orthogonalised one after the other (modified Gram-Schmidt) in float64, and a second time where that removed more than half of a
 * column's energy, which keeps Q orthogonal to machine precision. The diagonal of R consists of norms and is positive, so that the sign correction
 * that LAPACK's QR needs is not necessary.
 * References: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014,
 * arXiv:1312.6120; Mezzadri, "How to generate random matrices from the classical compact groups", 2007, arXiv:math-ph/0609050;
 * Giraud, Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt process", 2005 (twice is enough).
 */
import type { RandomStream } from '../random.ts';

/** Four partial sums, because additions to a single sum would have to wait for each other. */
function dot(a: Float64Array, b: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = whole; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + (s2 + s3);
}

function subtractMultiple(target: Float64Array, factor: number, direction: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) - factor * (direction[i] as number);
}

/** `count` orthonormal vectors of `length` >= `count` elements. */
function orthonormalVectors(count: number, length: number, random: RandomStream): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    const drawn = dot(vector, vector);
    for (const earlier of vectors) subtractMultiple(vector, dot(vector, earlier), earlier);
    if (dot(vector, vector) < drawn / 2) {
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
