/** Mean and standard deviation over seeds, and paired differences with their 95 % intervals. */

export interface Spread {
  readonly mean: number;
  /** Standard deviation of a sample (divisor n - 1). Null for one value. */
  readonly sd: number | null;
  readonly n: number;
}

/** Null where there are no values. Values that are null are left out; `n` counts the others. */
export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const given = values.filter((value) => value !== null);
  const n = given.length;
  if (n === 0) return null;
  const mean = given.reduce((sum, value) => sum + value / n, 0);
  // sd^2 = sum (x - mean)^2 / (n - 1)
  const squares = given.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n === 1 ? null : Math.sqrt(squares / (n - 1)), n };
}

/** The 0.975 quantile of Student's t distribution by degrees of freedom, 1 to 30; beyond that by the first terms of its expansion (error below 1e-3). */
const quantiles = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604, 2.1448, 2.1314,
  2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
];
const normalQuantile = 1.959964;

/** The 0.975 quantile of Student's t distribution with `degrees` degrees of freedom, 1 or more. */
export function studentQuantile(degrees: number): number {
  const z = normalQuantile;
  return (
    quantiles[degrees - 1] ??
    z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2)
  );
}

/** The difference between two rows over the seeds that both have. */
export interface PairedDifference {
  readonly mean: number;
  /** Bounds of the 95 % interval, mean ± t sd / sqrt(n); null for one seed. */
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** 'tie': the interval contains 0. 'unknown': there is one seed, hence no interval. */
  readonly verdict: 'better' | 'worse' | 'tie' | 'unknown';
}

/** @param values by seed, of the row @param others by seed, of the row that it is compared with; higher is better. Null where no seed has both values. */
export function pairedDifference(
  values: ReadonlyMap<number, number>,
  others: ReadonlyMap<number, number>,
): PairedDifference | null {
  const differences = [...values].flatMap(([seed, value]) => {
    const other = others.get(seed);
    return other === undefined ? [] : [value - other];
  });
  const spread = spreadOf(differences);
  if (spread === null) return null;
  const { mean, sd, n } = spread;
  if (sd === null) return { mean, low: null, high: null, n, verdict: 'unknown' };
  const margin = (studentQuantile(n - 1) * sd) / Math.sqrt(n);
  const [low, high] = [mean - margin, mean + margin];
  return { mean, low, high, n, verdict: low > 0 ? 'better' : high < 0 ? 'worse' : 'tie' };
}
