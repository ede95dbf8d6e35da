/**
 * Factors on the training rate of every tensor that compensate the effect of its scale on the size of updates, for optimizers that are not
 * scale-invariant.
 *
 *   theta = alpha W.  Training W at rate r inside alpha W moves theta by alpha dW:
 *   SGD    dW = -r alpha g      ->  theta moves at the rate  alpha^2 r
 *   Adam   dW = -r sign(g)      ->  theta moves at the rate  alpha r
 *
 * With these factors every tensor changes, relative to its size, as the unscaled one would. The scales then determine the function and its gradient
 * norm, but not effective learning rates, which would differ between the two optimizers (for a weight before a normalisation, by a square).
 */
import type { LearningRateMultipliers } from '../run.ts';

/** @param scales final alpha, by parameter */
export function multipliersOf(scales: Readonly<Record<string, number>>): LearningRateMultipliers {
  const entries = Object.entries(scales);
  return {
    sgd: Object.fromEntries(entries.map(([name, alpha]) => [name, alpha ** 2])),
    adam: Object.fromEntries(entries),
  };
}
