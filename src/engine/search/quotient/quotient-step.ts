/**
 * MetaInit's gradient quotient and its derivative with respect to every scale, as a pure function of tensors.
 *
 *   g = dL/dtheta,   h = d(sum g^2 / 2)/dtheta = H g,   P = number of entries of theta
 *   GQ = (1/P) sum | (g - h) / (g + eps s) - 1 |,   s = +1 where g >= 0, else -1,   eps = 1e-5
 *   q_i = dGQ/dalpha_i,   theta_i = alpha_i W_i
 *
 * q is a third derivative of L. It is computed by applying reverse mode three times with rules that are tested to third order; two
 * Hessian-vector products would give the quotient without linearisation, g(theta - g) / g - 1, which differs from the published code.
 * An entry with g = h = 0 (a dead unit) counts |0 / eps - 1| = 1, as in that code; so does an entry that the loss does not depend on.
 * Batch normalisation uses its moving statistics, which are inputs of the step; dropout is off.
 *
 * Dauphin, Schoenholz: MetaInit: Initializing learning by learning to initialize. NeurIPS 2019.
 */
import { AppError } from '../../../errors.ts';
import { pack } from '../../feeding/packed-result.ts';
import { batchOf, scaledWeights, weightMap } from '../../feeding/step-inputs.ts';
import { stopGradient } from '../../gradients/stop-gradient.ts';
import type { Tensors } from '../../graph/record.ts';
import type { Weight } from '../../network/layer-forward.ts';
import { type BatchTensors, differentiate, lossOf } from '../../network/loss-gradient.ts';
import { plainWeight, probedWeight } from '../../network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../tf.ts';
import type { StepProblem } from '../gradinit/steps.ts';

export interface QuotientProblem extends Omit<StepProblem, 'norm'> {
  readonly epsilon: number;
}

/** Tensors of the inner derivatives that the outer ones need; they are kept until all are done. */
interface Kept {
  loss: Scalar | null;
  squares: Scalar | null;
  readonly gradients: (Tensor | null)[];
}

/** | (g - h) / (g + eps s) - 1 | summed over the entries of one tensor. */
function quotientOf(g: Tensor, h: Tensor, epsilon: number): Tensor {
  const positive = tf.cast(tf.greaterEqual(stopGradient(g), 0), 'float32');
  const shift = tf.mul(tf.sub(tf.mul(positive, 2), 1), epsilon); // eps s, without derivative
  return tf.sum(tf.abs(tf.sub(tf.div(tf.sub(g, h), tf.add(g, shift)), 1)));
}

/** GQ as a function of the probes s_i = 1 of theta_i = s_i F_i. Tensors that must be kept are added to `kept`. */
function gradientQuotient(
  problem: QuotientProblem,
  weights: ReadonlyMap<string, Weight>,
  factors: readonly Tensor[],
  probes: readonly (Scalar | null)[],
  batch: BatchTensors,
  kept: Kept,
): Scalar {
  const { network, loss, epsilon } = problem;
  // The derivative is with respect to F_i: d/dtheta_i = (1 / s_i) d/dF_i.
  const byTheta = (gradient: Tensor | null, index: number) => {
    const s = probes[index];
    return gradient && s ? tf.div(gradient, s) : gradient;
  };
  const halfSquares = () => {
    const first = differentiate(() => lossOf(network, weights, batch, loss, 'moving'), factors);
    kept.loss = tf.keep(first.loss);
    kept.gradients.push(...first.gradients.map(byTheta).map((g) => g && tf.keep(g)));
    const squares = kept.gradients.flatMap((g) => (g ? [tf.sum(tf.square(g))] : []));
    if (squares.length === 0)
      throw new AppError('MODEL_MALFORMED', 'the loss does not depend on any trainable parameter');
    kept.squares = tf.keep(tf.addN(squares)) as Scalar;
    return tf.mul(kept.squares, 0.5) as Scalar;
  };
  const products = differentiate(halfSquares, factors).gradients.map(byTheta);
  let entries = 0;
  let unreached = 0;
  const parts: Tensor[] = [];
  factors.forEach((factor, index) => {
    entries += factor.size;
    const g = kept.gradients[index];
    if (g) parts.push(quotientOf(g, products[index] ?? tf.zerosLike(g), epsilon));
    else unreached += factor.size;
  });
  return tf.div(tf.add(tf.addN(parts), unreached), entries) as Scalar;
}

/**
 * Inputs: scales [K], w0.., f0.. (trainable and fixed tensors), S. Output: `result` (see unpack in ./steps.ts) with the numbers loss,
 * GQ, sum g^2 and the gradients alpha_i q_i.
 */
export function quotientStep(problem: QuotientProblem, inputs: Tensors): Record<'result', Tensor> {
  const { network, partition } = problem;
  const factors = scaledWeights(problem, inputs);
  const probes: (Scalar | null)[] = partition.trainable.map(() => null);
  for (const { index } of partition.tuned) probes[index] = tf.scalar(1);
  const weights = weightMap(problem, inputs, (index) => {
    const [factor, s] = [factors[index] as Tensor, probes[index]];
    return s ? probedWeight(factor, s) : plainWeight(factor);
  });
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const kept: Kept = { loss: null, squares: null, gradients: [] };
  const tunedProbes = partition.tuned.map(({ index }) => probes[index] as Scalar);
  const third = differentiate(() => gradientQuotient(problem, weights, factors, probes, batch, kept), tunedProbes);
  const result = pack([kept.loss as Scalar, third.loss, kept.squares as Scalar], third.gradients);
  tf.dispose([kept.loss, kept.squares, ...kept.gradients] as Tensor[]);
  return { result };
}
