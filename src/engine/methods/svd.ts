/**
 * Singular values and vectors of a square matrix, by one-sided Jacobi rotations.
 *
 *   A V = U S:  pairs of columns of A are rotated until all are orthogonal; their lengths are S, and the product of the rotations is V
 *
 * Accurate to machine precision for well-conditioned matrices; about eight sweeps of a few times n^3 operations.
 *
 * Hestenes: Inversion of matrices by biorthogonalization and related results. 1958; Demmel, Veselic: Jacobi's method is more accurate than QR. 1992.
 */

export interface SingularValues {
  /** Columns of U and V, by decreasing singular value. */
  readonly left: readonly Float64Array[];
  readonly right: readonly Float64Array[];
  readonly values: readonly number[];
}

const maxSweeps = 60;
const tolerance = 1e-14;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Replaces (a, b) by (c a - s b, s a + c b). */
function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}

/** One sweep over all pairs; returns true when a pair was rotated. */
function sweep(columns: readonly Float64Array[], rotations: readonly Float64Array[]): boolean {
  let rotated = false;
  for (let p = 0; p < columns.length; p++) {
    for (let q = p + 1; q < columns.length; q++) {
      const [a, b] = [columns[p] as Float64Array, columns[q] as Float64Array];
      const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.abs(ab) <= tolerance * Math.sqrt(aa * bb)) continue;
      rotated = true;
      const zeta = (bb - aa) / (2 * ab);
      const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta ** 2));
      const c = 1 / Math.sqrt(1 + t ** 2);
      rotate(a, b, c, c * t);
      rotate(rotations[p] as Float64Array, rotations[q] as Float64Array, c, c * t);
    }
  }
  return rotated;
}

/** @param columns the n columns of an n x n matrix of full rank, which are changed */
export function singularValues(columns: readonly Float64Array[]): SingularValues {
  const size = columns.length;
  const rotations = columns.map((_, index) => {
    const unit = new Float64Array(size);
    unit[index] = 1;
    return unit;
  });
  for (let count = 0; count < maxSweeps && sweep(columns, rotations); count++);
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const order = lengths.map((_, index) => index).sort((a, b) => (lengths[b] as number) - (lengths[a] as number));
  return {
    values: order.map((index) => lengths[index] as number),
    left: order.map((index) => (columns[index] as Float64Array).map((value) => value / (lengths[index] as number))),
    right: order.map((index) => rotations[index] as Float64Array),
  };
}
