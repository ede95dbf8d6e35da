/** The registry of losses: specifications (./specs.ts, without TensorFlow) with their functions. */
import { AppError } from '../../errors.ts';
import type { Scalar, Tensor } from '../tf.ts';
import { huber } from './huber.ts';
import type { LossFunction, LossSpec } from './loss.ts';
import { meanSquaredError } from './mean-squared-error.ts';
import { sigmoidCrossEntropy } from './sigmoid-cross-entropy.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { completeLossOptions, type LossName, lossSpecs } from './specs.ts';

export interface Loss extends LossSpec {
  /** The function of a loss. Its options must be complete, as `createLoss` makes them. */
  readonly apply: LossFunction<never>;
}

/** Every loss by name. */
export const losses = {
  'softmax-cross-entropy': { ...lossSpecs['softmax-cross-entropy'], apply: softmaxCrossEntropy },
  'sigmoid-cross-entropy': { ...lossSpecs['sigmoid-cross-entropy'], apply: sigmoidCrossEntropy },
  'mean-squared-error': { ...lossSpecs['mean-squared-error'], apply: meanSquaredError },
  huber: { ...lossSpecs.huber, apply: huber },
} as const satisfies Record<LossName, Loss>;

/**
 * The loss `name` with its options filled in: a pure function of outputs, targets and the mask of the outputs, the mean over the batch.
 * Throws LOSS_UNKNOWN or OPTION_INVALID.
 *
 * @example
 * ```ts
 * import { createLoss } from './src/engine/losses/index.ts';
 * import { tf } from './src/engine/tf.ts';
 *
 * const loss = createLoss('huber', { delta: 1 });
 * console.log(loss(tf.tensor([[0.5], [3]]), tf.tensor([[0], [0]])).dataSync()[0]);
 * // 1.3125
 * ```
 */
export function createLoss(name: string, options: Readonly<Record<string, unknown>> = {}) {
  if (!Object.hasOwn(losses, name)) {
    throw new AppError('LOSS_UNKNOWN', `no loss is named "${name}"; there are ${Object.keys(losses).join(', ')}`);
  }
  const loss: Loss = losses[name as LossName];
  const complete = completeLossOptions(loss, options);
  return (outputs: Tensor, targets: Tensor, mask: Tensor | null = null): Scalar =>
    loss.apply(outputs, targets, complete as never, mask) as Scalar;
}
