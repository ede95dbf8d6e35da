/**
 * Signed gradient descent with momentum on the norm of a tensor: MetaInit's update.
 *
 *   q = sign(<W, G> / n),   m <- mu m - rate q,   n <- max(n + m, lower),   W <- W n' / n
 *
 * With W = alpha W_0 and n = alpha n_0 the sign is that of dJ/dalpha, so that the update is one of alpha. Defaults: rate 0.1, mu 0.9. The lower bound
 * is an addition: without it a norm may pass through zero, which reverses the sign of the tensor. For a sign of 0 the momentum decays.
 *
 * Dauphin, Schoenholz: MetaInit: Initializing learning by learning to initialize. NeurIPS 2019, algorithm in figure 2.
 */
import { AppError } from '../../../errors.ts';

export interface SignMomentumOptions {
  readonly rate: number;
  readonly momentum: number;
  /** Smallest alpha. */
  readonly lower: number;
}

/** The state for one tensor, as plain JSON. */
export interface SignMomentumState {
  alpha: number;
  /** The momentum m, in units of the norm. */
  momentum: number;
}

/**
 * Updates one norm in place.
 *
 * @param q dJ/dalpha
 * @param initialNorm n_0 > 0
 * Throws DIVERGED when q is not finite.
 */
export function updateNorm(
  state: SignMomentumState,
  q: number,
  initialNorm: number,
  { rate, momentum, lower }: SignMomentumOptions,
  name: string,
): void {
  if (!Number.isFinite(q))
    throw new AppError('DIVERGED', `the gradient of the norm of ${name} is ${q}`, { details: { parameter: name } });
  state.momentum = momentum * state.momentum - rate * Math.sign(q);
  state.alpha = Math.max(state.alpha + state.momentum / initialNorm, lower);
}
