/** The loss of a batch and its gradients with respect to every trainable parameter, computed inside a step. */
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
  /** One gradient per leaf; null where the loss does not depend on it. */
  readonly gradients: readonly (Tensor | null)[];
}

/** d f / d leaves by reverse mode, which can be differentiated again. Unlike tf.valueAndGrads it returns null for leaves that f does not depend on. */
export function differentiate(f: () => Scalar, leaves: readonly Tensor[]): LossGradient {
  const { value, grads } = tf.engine().gradients(f as () => Tensor, [...leaves], undefined, true);
  return { loss: value as Scalar, gradients: grads.map((gradient) => (gradient as Tensor | undefined) ?? null) };
}

/** Mean loss of a batch; batch normalisation uses batch statistics by default. */
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
