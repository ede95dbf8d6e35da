/**
 * The two steps of GradInit as pure functions of tensors, ready to be recorded.
 *
 * theta_i = alpha_i W_i for the tuned parameters, theta_i = W_i for the others (all trainable ones). With L the loss, S and S~ two batches:
 *
 *   constraint   n = ||dL/dtheta (theta; S)||,           q_i = dn/dalpha_i         (second order)
 *   objective    theta' = theta - eta d,  d detached,    q_i = dJ/dalpha_i,  J = L(theta'; S~) / eta,  dJ/dtheta taken at theta'
 *                d = g / n ('l2' and normalised), g ('l2'), sign(g) ('l1')
 *
 * The norm is 'l2' for SGD and 'l1' for Adam, over ALL trainable parameters.
 *
 * Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098, section 3; the detached direction and J / eta as the authors' released code has them.
 */

import type { Tensors } from '../graph/record.ts';
import type { Weight } from '../network/layer-forward.ts';
import type { Network } from '../network/network.ts';
import { plainWeight, probedWeight } from '../network/weights.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { type BatchTensors, differentiate, type LossOf, lossOf, normOfGradients } from './gradient.ts';
import { fixedInput, type ParamPartition, weightInput } from './tuned-params.ts';

/** 'l2' for SGD, 'l1' for Adam. */
export type NormKind = 'l1' | 'l2';

export interface StepProblem {
  readonly network: Network;
  readonly partition: ParamPartition;
  readonly loss: LossOf;
  readonly norm: NormKind;
  /** Norms that the constraint step tells besides n. */
  readonly reported?: readonly NormKind[];
}

/** Names of the tensors that steps are fed with, besides those of the weights (./tuned-params.ts). */
export { weightInput };
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
export function scaledWeights({ partition }: Pick<StepProblem, 'partition'>, inputs: Tensors): Tensor[] {
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

/**
 * Inputs: scales [K], w0.. (every trainable tensor), S. Output: `result` (see unpack) with the numbers loss, n, the
 * reported norms, and the gradients alpha_i q_i. The factor alpha_i is divided out on the host, in float64.
 */
export function constraintStep(problem: StepProblem, inputs: Tensors): Record<'result', Tensor> {
  const { network, partition, loss, norm } = problem;
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const factors = scaledWeights(problem, inputs);
  // theta_i = s_i F_i with s_i = 1 and F_i = alpha_i W_i, so alpha_i dn/dalpha_i = dn/ds_i.
  const probes: (Scalar | null)[] = partition.trainable.map(() => null);
  for (const { index } of partition.tuned) probes[index] = tf.scalar(1);
  const weights = weightMap(problem, inputs, (index) => {
    const s = probes[index];
    return s ? probedWeight(factors[index] as Tensor, s) : plainWeight(factors[index] as Tensor);
  });
  const kept: Scalar[] = []; // needed beyond the scope that the outer derivative opens
  const gradientNorm = () => {
    const first = differentiate(() => lossOf(network, weights, batch, loss), factors);
    const norms = (problem.reported ?? []).map((kind) => normOfGradients(first.gradients, kind, probes));
    kept.push(...[first.loss, ...norms].map((value) => tf.keep(value)));
    return normOfGradients(first.gradients, norm, probes);
  };
  const tunedProbes = partition.tuned.map(({ index }) => probes[index] as Scalar);
  const second = differentiate(gradientNorm, tunedProbes);
  const [lossValue, ...norms] = kept as [Scalar, ...Scalar[]];
  const result = pack([lossValue, second.loss, ...norms], second.gradients);
  tf.dispose(kept);
  return { result };
}

/** Inputs as `constraintStep`. Output: `result` [2] = loss, n. First order only. */
export function normStep(problem: StepProblem, inputs: Tensors): Record<'result', Tensor> {
  const { network, loss, norm } = problem;
  const theta = scaledWeights(problem, inputs);
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const first = differentiate(() => lossOf(network, plainWeights(problem, inputs, theta), batch, loss), theta);
  return { result: tf.stack([first.loss, normOfGradients(first.gradients, norm)]) };
}

/**
 * Inputs: scales [K], w0.., S and S~. Output: `result` (see unpack) with the numbers loss on S, n, loss on S~ after the step, and
 * the gradients q_i.
 */
export function objectiveStep(
  problem: StepProblem,
  { eta, normalize }: { eta: number; normalize: boolean },
  inputs: Tensors,
): Record<'result', Tensor> {
  const { network, partition, loss, norm } = problem;
  const theta = scaledWeights(problem, inputs);
  const inputCount = network.topology.inputs.length;
  const first = differentiate(
    () => lossOf(network, plainWeights(problem, inputs, theta), batchOf('s', inputs, inputCount), loss),
    theta,
  );
  const n = normOfGradients(first.gradients, norm);
  const stepped = stepAlong(theta, first.gradients, n, { norm, eta, normalize });
  const second = differentiate(
    () => lossOf(network, plainWeights(problem, inputs, stepped), batchOf('t', inputs, inputCount), loss),
    stepped,
  );
  const scaleGradients = partition.tuned.map(({ index }) => {
    const gradient = second.gradients[index];
    if (!gradient) return null;
    return tf.div(tf.sum(tf.mul(gradient, inputs[weightInput(index)] as Tensor)), eta); // q_i = <dL/dtheta', W_i> / eta
  });
  return { result: pack([first.loss, n, second.loss], scaleGradients) };
}

/** theta' = theta - eta d; the direction is a constant of what follows. */
export function stepAlong(
  theta: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  n: Scalar,
  { norm, eta, normalize }: { norm: NormKind; eta: number; normalize: boolean },
): Tensor[] {
  const rate = norm === 'l2' && normalize ? tf.div(tf.scalar(eta), n) : tf.scalar(eta);
  return theta.map((weight, index) => {
    const gradient = gradients[index];
    return gradient ? tf.sub(weight, tf.mul(norm === 'l1' ? tf.sign(gradient) : gradient, rate)) : weight;
  });
}

export const plainWeights = (problem: Pick<StepProblem, 'partition'>, inputs: Tensors, theta: readonly Tensor[]) =>
  weightMap(problem, inputs, (index) => plainWeight(theta[index] as Tensor));

/** One vector for one read by the host: the numbers, the K gradients, and K flags: 0 for a scale that the value does not depend on. */
export function pack(numbers: readonly Tensor[], gradients: readonly (Tensor | null)[]): Tensor {
  const flags = gradients.map((gradient) => tf.scalar(gradient ? 1 : 0));
  return tf.stack([...numbers, ...gradients.map((gradient) => gradient ?? tf.scalar(0)), ...flags]);
}

/** The numbers and the gradients of `result`; null for a scale that the value does not depend on. */
export function unpack(
  result: ArrayLike<number>,
  scaleCount: number,
): { numbers: number[]; gradients: (number | null)[] } {
  const values = Array.from(result);
  const start = values.length - 2 * scaleCount;
  const gradients = values.slice(start, start + scaleCount);
  return {
    numbers: values.slice(0, start),
    gradients: gradients.map((q, k) => (values[start + scaleCount + k] === 1 ? q : null)),
  };
}
