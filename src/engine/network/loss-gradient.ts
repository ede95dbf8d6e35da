/** The loss of a batch and its gradients with respect to every trainable parameter, inside a step. */
import { type Scalar, type Tensor, tf } from '../tf.ts';
import type { ForwardContext, StatisticObserver, Weight } from './layer-forward.ts';
import type { Network } from './network.ts';

/** Of the outputs of a network, followed by their masks, and the targets. */
export type LossOf = (outputs: readonly Tensor[], targets: Tensor) => Scalar;

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
  return loss(network.forward(weights, batch.inputs, batchNorm, observe), batch.targets);
}
