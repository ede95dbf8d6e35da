/** The interface of an update rule for scales, given their gradients. */
import type { NDArray } from '../../ndarray.ts';
import { normOf, type TunedParam } from '../feeding/tuned-params.ts';
import type { Weights } from '../run.ts';
import {
  type Branch,
  newScaleState,
  type RescaleAdamOptions,
  type ScaleState,
  updateScale,
} from './optimizers/rescale-adam.ts';
import { type SignMomentumOptions, type SignMomentumState, updateNorm } from './optimizers/sign-momentum.ts';

export interface ScaleRule {
  /** alpha of every tuned parameter, in order. */
  alphas(): number[];
  /**
   * Updates every scale whose gradient dJ/dalpha is not null.
   *
   * @returns the gradients that were used; null for those that were not
   * Throws DIVERGED.
   */
  update(branch: Branch, gradients: readonly (number | null)[]): (number | null)[];
  /** The state as plain JSON. */
  state(): unknown;
}

/** RescaleAdam for every scale; a scale that reached zero stays at zero. */
export function rescaleAdamRule(tuned: readonly TunedParam[], options: RescaleAdamOptions, resume: unknown): ScaleRule {
  const states = (resume as ScaleState[] | null) ?? tuned.map(newScaleState);
  return {
    alphas: () => states.map(({ alpha }) => alpha),
    update: (branch, gradients) =>
      tuned.map(({ name, bounds }, k) => {
        const state = states[k] as ScaleState;
        const q = gradients[k] ?? null;
        if (q === null || state.alpha === 0) return null;
        updateScale(state, branch, q, bounds, options, name);
        return q;
      }),
    state: () => structuredClone(states),
  };
}

/** MetaInit's signed descent on norms, which does not depend on the branch. */
export function signMomentumRule(
  tuned: readonly TunedParam[],
  weights: Weights,
  options: SignMomentumOptions,
  resume: unknown,
): ScaleRule {
  const states = (resume as SignMomentumState[] | null) ?? tuned.map(() => ({ alpha: 1, momentum: 0 }));
  const norms = tuned.map(({ name }) => normOf((weights.get(name) as NDArray<'float32'>).data, name));
  return {
    alphas: () => states.map(({ alpha }) => alpha),
    update: (_, gradients) =>
      tuned.map(({ name }, k) => {
        const q = gradients[k] ?? null;
        if (q !== null) updateNorm(states[k] as SignMomentumState, q, norms[k] as number, options, name);
        return q;
      }),
    state: () => structuredClone(states),
  };
}
