/**
 * Adam on one scale per parameter tensor, with separate first moments for the two branches of GradInit.
 *
 *   t_B <- t_B + 1,  m_B <- beta1 m_B + (1 - beta1) q,  v <- beta2 v + (1 - beta2) q^2            (B the branch, q the clipped dJ/dalpha)
 *   alpha <- clamp(alpha - rate * (m_B / (1 - beta1^t_B)) / (sqrt(v / (1 - beta2^T)) + eps), lower, upper)
 *
 * Second moment: 'shared' (the CIFAR code): one v for both branches, T = t_constraint + t_objective; 'separate' (the fairseq code): v_B, T = t_B.
 * Defaults: beta1 0.9, beta2 0.999, eps 1e-8, no upper bound. Scalars are float64.
 * A parameter whose tensor has norm zero, initially or because its scale reached zero, is skipped from then on: neither moments nor counters nor the
 * scale change.
 *
 * Zhu, Ni, Xu, Kong, Huang, Goldstein: GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training. NeurIPS 2021,
 * arXiv:2102.08098; the update rule as the authors' released code runs it.
 */
import { AppError } from '../../../errors.ts';
import type { ScaleBounds } from '../../feeding/tuned-params.ts';

export type Branch = 'constraint' | 'objective';

export interface RescaleAdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly secondMoment: 'shared' | 'separate';
  /** Bound on |q|; 0 for none. */
  readonly gradientClip: number;
}

/** The optimizer's state for one scale, as plain JSON, which represents float64 exactly. */
export interface ScaleState {
  alpha: number;
  /** First moments. */
  m: Record<Branch, number>;
  /** Second moments; 'shared' uses `constraint` for both branches. */
  v: Record<Branch, number>;
  /** Number of updates. */
  t: Record<Branch, number>;
}

export const newScaleState = (): ScaleState => ({
  alpha: 1,
  m: { constraint: 0, objective: 0 },
  v: { constraint: 0, objective: 0 },
  t: { constraint: 0, objective: 0 },
});

/** q clipped to [-clip, clip]; 0 disables clipping. */
export function clipScaleGradient(q: number, clip: number): number {
  return clip > 0 ? Math.min(Math.max(q, -clip), clip) : q;
}

/**
 * Updates one scale in place.
 *
 * @param q dJ/dalpha, before clipping
 * @param name of the parameter, for the error
 * Throws DIVERGED when q or the new scale is not finite.
 */
export function updateScale(
  state: ScaleState,
  branch: Branch,
  q: number,
  bounds: ScaleBounds,
  options: RescaleAdamOptions,
  name: string,
): void {
  if (!Number.isFinite(q))
    throw new AppError('DIVERGED', `the gradient of the scale of ${name} is ${q}`, { details: { parameter: name } });
  const { beta1, beta2, epsilon, secondMoment } = options;
  const clipped = clipScaleGradient(q, options.gradientClip);
  const moment: Branch = secondMoment === 'shared' ? 'constraint' : branch;
  state.t[branch] += 1;
  state.m[branch] = beta1 * state.m[branch] + (1 - beta1) * clipped;
  state.v[moment] = beta2 * state.v[moment] + (1 - beta2) * clipped * clipped;
  const updates = secondMoment === 'shared' ? state.t.constraint + state.t.objective : state.t[branch];
  const firstMoment = state.m[branch] / (1 - beta1 ** state.t[branch]);
  const secondMomentEstimate = state.v[moment] / (1 - beta2 ** updates);
  const moved = state.alpha - (bounds.rate * firstMoment) / (Math.sqrt(secondMomentEstimate) + epsilon);
  state.alpha = Math.min(Math.max(moved, bounds.lower), bounds.upper);
  if (!Number.isFinite(state.alpha))
    throw new AppError('DIVERGED', `the scale of ${name} became ${moved}`, { details: { parameter: name } });
}
