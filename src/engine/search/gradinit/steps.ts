/**
 * The two steps of GradInit as pure functions of tensors that can be recorded.
 *
 * theta_i = alpha_i W_i for the tuned parameters, theta_i = W_i for the others (all trainable ones). With L the loss, S and S~ two batches:
 *
 *   constraint   n = ||dL/dtheta (theta; S)||,           q_i = dn/dalpha_i         (second order)
 *   objective    theta' = theta - eta d,  d detached,    q_i = dJ/dalpha_i,  J = L(theta'; S~) / eta,  dJ/dtheta taken at theta'
 *                d = g / n ('l2' and normalised), g ('l2'), sign(g) ('l1')
 *
 * The norm is the dual norm of the step (../../network/dual-norm.ts): 'l2' for SGD, 'l1' for Adam, over ALL trainable parameters. For 'nuclear', d is
 * that of Muon.
 *
 * Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098, section 3; the detached direction and J / eta as in the authors' released code.
 */

import { pack } from '../../feeding/packed-result.ts';
import { batchOf, plainWeights, scaledWeights, weightMap } from '../../feeding/step-inputs.ts';
import { type ParamPartition, weightInput } from '../../feeding/tuned-params.ts';
import type { Tensors } from '../../graph/record.ts';
import { directionOf, type NormKind, normOfGradients } from '../../network/dual-norm.ts';
import { differentiate, type LossOf, lossOf } from '../../network/loss-gradient.ts';
import type { Network } from '../../network/network.ts';
import { plainWeight, probedWeight } from '../../network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../tf.ts';

export interface StepProblem {
  readonly network: Network;
  readonly partition: ParamPartition;
  readonly loss: LossOf;
  readonly norm: NormKind;
  /** Further norms that the constraint step returns. */
  readonly reported?: readonly NormKind[];
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
  const kept: Scalar[] = []; // used after the scope of the outer derivative has ended
  const gradientNorm = () => {
    const first = differentiate(() => lossOf(network, weights, batch, loss), factors);
    const norms = (problem.reported ?? []).map((kind) => normOfGradients(first.gradients, kind, probes));
    kept.push(...[first.loss, ...norms].map((value) => tf.keep(value)));
    return normOfGradients(first.gradients, norm, probes);
  };
  const tunedProbes = partition.tuned.map(({ index }) => probes[index] as Scalar);
  const second =
    tunedProbes.length > 0 ? differentiate(gradientNorm, tunedProbes) : { loss: gradientNorm(), gradients: [] };
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

/** theta' = theta - eta d; the direction d is constant for further derivatives. */
export function stepAlong(
  theta: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  n: Scalar,
  { norm, eta, normalize }: { norm: NormKind; eta: number; normalize: boolean },
): Tensor[] {
  const rate = norm === 'l2' && normalize ? tf.div(tf.scalar(eta), n) : tf.scalar(eta);
  return theta.map((weight, index) => {
    const gradient = gradients[index];
    return gradient ? tf.sub(weight, tf.mul(directionOf(gradient, norm), rate)) : weight;
  });
}
