/**
 * Estimates a derivative from differences by Ridders' extrapolation.
 *
 *   D(i, 0) = (f(h_i) - f(-h_i)) / 2 h_i,   h_i = h_0 / 2^i
 *   D(i, j) = (4^j D(i, j-1) - D(i-1, j-1)) / (4^j - 1)
 *
 * The entry that differs least from the two entries it was computed from is taken: large steps have truncation errors, small ones float32 rounding
 * errors.
 * Steps are powers of two, so that 1 + h is exact in float32. h_0 = 1/8 was chosen on the reference networks.
 *
 * Ridders: Accurate computation of F'(x) and F'(x) F''(x). Advances in Engineering Software 4(2), 1982.
 */

export const displacements = [1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128] as const;

export interface Estimate {
  readonly value: number;
  /** Largest difference between the estimate and the two entries it was computed from. */
  readonly uncertainty: number;
}

/** Accuracy at which the extrapolation ends: well below the 2 % that a check tolerates. */
const wantedAccuracy = 5e-4;

/** @param at [f(h), f(-h)] for a displacement h; called until the estimate is accurate enough, at most five times */
export function derivativeAtZero(at: (h: number) => readonly [number, number]): Estimate {
  let previous: number[] = [];
  let best: Estimate = { value: Number.NaN, uncertainty: Infinity };
  for (const h of displacements) {
    const [ahead, behind] = at(h);
    const row = [(ahead - behind) / (2 * h)];
    for (const [j, coarse] of previous.entries()) {
      const fine = row[j] as number;
      const factor = 4 ** (j + 1);
      const value = (factor * fine - coarse) / (factor - 1);
      const uncertainty = Math.max(Math.abs(value - fine), Math.abs(value - coarse));
      row.push(value);
      if (uncertainty < best.uncertainty) best = { value, uncertainty };
    }
    if (best.uncertainty <= wantedAccuracy * Math.abs(best.value)) break;
    previous = row;
  }
  return best;
}
