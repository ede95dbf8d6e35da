/** Names a parameter to examine when a search diverges. */

import type { ParamPartition } from '../feeding/tuned-params.ts';
import type { Weights } from '../run.ts';

export interface LargestParameter {
  readonly name: string;
  /** Largest absolute value of an element. */
  readonly size: number;
}

/** The parameter with the largest element of theta_i = alpha_i W_i, which overflows first. */
export function largestParameter(
  { trainable, tuned }: ParamPartition,
  weights: Weights,
  alphas: readonly number[],
): LargestParameter {
  const factors = new Map(tuned.map(({ name }, k) => [name, alphas[k] ?? 1]));
  const sizes = trainable.map(({ name }) => {
    const data = weights.get(name)?.data ?? new Float32Array();
    return { name, size: (factors.get(name) ?? 1) * data.reduce((size, value) => Math.max(size, Math.abs(value)), 0) };
  });
  return sizes.reduce((a, b) => (b.size > a.size ? b : a));
}
