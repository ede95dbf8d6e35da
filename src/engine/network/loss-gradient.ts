/** Gradients of the loss with respect to every trainable parameter, and their norms, inside a step. */
import { AppError } from '../../errors.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import type { ForwardContext, StatisticObserver, Weight } from './layer-forward.ts';
import type { Network } from './network.ts';

export type LossOf = (outputs: Tensor, targets: Tensor) => Scalar;

/** The samples of one loss evaluation. */
export interface BatchTensors {
  readonly inputs: readonly Tensor[];
  readonly targets: Tensor;
}

export interface LossGradient {
  readonly loss: Scalar;
  /** One for each leaf; null where the loss does not depend on it. */
  readonly gradients: readonly (Tensor | null)[];
}

/** d f / d leaves by reverse mode; unlike tf.valueAndGrads it tells leaves that f does not reach by null. Differentiable again. */
export function differentiate(f: () => Scalar, leaves: readonly Tensor[]): LossGradient {
  const { value, grads } = tf.engine().gradients(f as () => Tensor, [...leaves], undefined, true);
  return { loss: value as Scalar, gradients: grads.map((gradient) => (gradient as Tensor | undefined) ?? null) };
}

/** Mean loss of a batch; batch normalisation by the batch's own statistics unless said otherwise. */
export function lossOf(
  network: Network,
  weights: ReadonlyMap<string, Weight>,
  batch: BatchTensors,
  loss: LossOf,
  batchNorm: ForwardContext['batchNorm'] = 'batch',
  observe?: StatisticObserver,
): Scalar {
  const [outputs, ...rest] = network.forward(weights, batch.inputs, batchNorm, observe);
  if (!outputs || rest.length > 0)
    throw new AppError('MODEL_MALFORMED', 'a loss needs a model with exactly one output');
  return loss(outputs, batch.targets);
}

/** sqrt(sum of squares) over all tensors for 'l2', sum of absolute values for 'l1'; each gradient g_i counts as g_i / s_i where `factors` has s_i. */
export function normOfGradients(
  gradients: readonly (Tensor | null)[],
  kind: 'l1' | 'l2',
  factors?: readonly (Scalar | null)[],
): Scalar {
  const parts: Tensor[] = [];
  gradients.forEach((gradient, index) => {
    if (!gradient) return;
    const s = factors?.[index] ?? null;
    const part = kind === 'l2' ? tf.sum(tf.square(gradient)) : tf.sum(tf.abs(gradient));
    // ||g / s||^2 = ||g||^2 / s^2 and |g / s| = |g| / s for s > 0
    parts.push(s === null ? part : tf.div(part, kind === 'l2' ? tf.square(s) : s));
  });
  if (parts.length === 0) throw new AppError('MODEL_MALFORMED', 'the loss does not depend on any trainable parameter');
  const total = tf.addN(parts);
  return (kind === 'l2' ? tf.sqrt(total) : total) as Scalar;
}
