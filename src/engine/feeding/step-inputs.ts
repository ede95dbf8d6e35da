/** Names of the input tensors of a step, and the weights that a step computes from them. */
import type { Tensors } from '../graph/record.ts';
import type { Weight } from '../network/layer-forward.ts';
import type { BatchTensors } from '../network/loss-gradient.ts';
import { plainWeight } from '../network/weights.ts';
import { type Tensor, tf } from '../tf.ts';
import { fixedInput, type ParamPartition, weightInput } from './tuned-params.ts';

/** Name of the input with the scales; the names of the weights are in ./tuned-params.ts. */
export const scalesInput = 'scales';
/** The inputs of a step for the batch `label`, by name. */
export const batchInputs = (label: string, batch: BatchTensors): Record<string, Tensor> =>
  Object.fromEntries([
    ...batch.inputs.map((input, index) => [`${label}x${index}`, input]),
    [`${label}y`, batch.targets],
  ]);

/** The batch `label` from the inputs of a step. */
export const batchOf = (label: string, inputs: Tensors, count: number): BatchTensors => ({
  inputs: Array.from({ length: count }, (_, index) => inputs[`${label}x${index}`] as Tensor),
  targets: inputs[`${label}y`] as Tensor,
});

/** theta of every trainable parameter, in order: scaled where it is tuned. */
export function scaledWeights({ partition }: { readonly partition: ParamPartition }, inputs: Tensors): Tensor[] {
  const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
  if (partition.tuned.length === 0) return theta;
  const scales = tf.unstack(inputs[scalesInput] as Tensor);
  partition.tuned.forEach(({ index }, k) => {
    theta[index] = tf.mul(theta[index] as Tensor, scales[k] as Tensor); // theta_i = alpha_i W_i
  });
  return theta;
}

/** Every weight by name: trainable parameters from `weightAt`, fixed parameters from the inputs. */
export function weightMap(
  { partition }: { readonly partition: Pick<ParamPartition, 'trainable' | 'fixed'> },
  inputs: Tensors,
  weightAt: (index: number) => Weight,
): Map<string, Weight> {
  const weights = new Map(partition.trainable.map(({ name }, index) => [name, weightAt(index)]));
  partition.fixed.forEach(({ name }, index) => {
    const value = inputs[fixedInput(index)];
    if (value) weights.set(name, plainWeight(value)); // moving statistics need not be inputs where batch statistics are used
  });
  return weights;
}

/** Every weight by name: `theta` in the order of the trainable parameters, fixed parameters from the inputs. */
export const plainWeights = (
  problem: { readonly partition: Pick<ParamPartition, 'trainable' | 'fixed'> },
  inputs: Tensors,
  theta: readonly Tensor[],
) => weightMap(problem, inputs, (index) => plainWeight(theta[index] as Tensor));
