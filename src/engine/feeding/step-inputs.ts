/** The tensors that a step is fed with, by name, and the weights that it makes of them. */
import type { Tensors } from '../graph/record.ts';
import type { Weight } from '../network/layer-forward.ts';
import type { BatchTensors } from '../network/loss-gradient.ts';
import { plainWeight } from '../network/weights.ts';
import { type Tensor, tf } from '../tf.ts';
import { fixedInput, type ParamPartition, weightInput } from './tuned-params.ts';

/** Names of the tensors that steps are fed with, besides those of the weights (./tuned-params.ts). */
export const scalesInput = 'scales';
export const batchInputs = (label: string, batch: BatchTensors): Record<string, Tensor> =>
  Object.fromEntries([
    ...batch.inputs.map((input, index) => [`${label}x${index}`, input]),
    [`${label}y`, batch.targets],
  ]);

/** The batch of `label` among the inputs of a step. */
export const batchOf = (label: string, inputs: Tensors, count: number): BatchTensors => ({
  inputs: Array.from({ length: count }, (_, index) => inputs[`${label}x${index}`] as Tensor),
  targets: inputs[`${label}y`] as Tensor,
});

/** theta of every trainable parameter, in order. */
export function scaledWeights({ partition }: { readonly partition: ParamPartition }, inputs: Tensors): Tensor[] {
  const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
  if (partition.tuned.length === 0) return theta;
  const scales = tf.unstack(inputs[scalesInput] as Tensor);
  partition.tuned.forEach(({ index }, k) => {
    theta[index] = tf.mul(theta[index] as Tensor, scales[k] as Tensor); // theta_i = alpha_i W_i
  });
  return theta;
}

/** Every weight by name: the trainable ones by `weightAt`, the fixed ones as they were fed. */
export function weightMap(
  { partition }: { readonly partition: Pick<ParamPartition, 'trainable' | 'fixed'> },
  inputs: Tensors,
  weightAt: (index: number) => Weight,
): Map<string, Weight> {
  const weights = new Map(partition.trainable.map(({ name }, index) => [name, weightAt(index)]));
  partition.fixed.forEach(({ name }, index) => {
    const value = inputs[fixedInput(index)];
    if (value) weights.set(name, plainWeight(value)); // moving statistics need not be fed where the batch's own are used
  });
  return weights;
}

/** Every weight by name as it is: `theta` in the order of the trainable parameters, the fixed ones as they were fed. */
export const plainWeights = (
  problem: { readonly partition: Pick<ParamPartition, 'trainable' | 'fixed'> },
  inputs: Tensors,
  theta: readonly Tensor[],
) => weightMap(problem, inputs, (index) => plainWeight(theta[index] as Tensor));
