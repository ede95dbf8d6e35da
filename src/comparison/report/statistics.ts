/** Mean and standard deviation over seeds. */

export interface Spread {
  readonly mean: number;
  /** Of a sample: divided by n - 1. Null for one value. */
  readonly sd: number | null;
  readonly n: number;
}

/** Null for no value. Values that are null are left out; `n` says how many stayed. */
export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const given = values.filter((value) => value !== null);
  const n = given.length;
  if (n === 0) return null;
  const mean = given.reduce((sum, value) => sum + value / n, 0);
  // sd^2 = sum (x - mean)^2 / (n - 1)
  const squares = given.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n === 1 ? null : Math.sqrt(squares / (n - 1)), n };
}
