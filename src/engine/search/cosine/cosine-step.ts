/**
 * The two steps of grad-cosine (NIO) as pure functions of tensors.
 *
 *   the batch is cut into K chunks that overlap; g_k = dL_k/dtheta, L_k the mean loss of chunk k;  n_k = ||g_k||_2
 *   constraint   q_i = d/dalpha_i of  mean_k n_k
 *   objective    q_i = d/dalpha_i of  -mean over pairs j != k of <g_j, g_k> / (n_j n_k)  -  weight sum_k n_k         (second order)
 *   chunk i = samples [floor((1 - r) l i), floor((1 + r) l (i + 1))),  l = floor(n / K); the first starts at 0, the last runs to the end
 *
 * The whole batch passes through the network once (batch normalisation by the statistics of all its samples); losses are computed per chunk.
 * Gradients of batch normalisation's own parameters do not enter n_k and the products, as in the released code; their scales are tuned nevertheless.
 *
 * Yang, Wang, Yuan, Lin: Towards Theoretically Inspired Neural Initialization Optimization. NeurIPS 2022, arXiv:2210.05956.
 */
import { AppError } from '../../../errors.ts';
import { pack } from '../../feeding/packed-result.ts';
import { batchOf, scaledWeights, weightMap } from '../../feeding/step-inputs.ts';
import type { Tensors } from '../../graph/record.ts';
import { differentiate } from '../../network/loss-gradient.ts';
import { plainWeight, probedWeight } from '../../network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../tf.ts';
import type { StepProblem } from '../gradinit/steps.ts';

export interface CosineProblem extends Omit<StepProblem, 'norm' | 'reported'> {
  readonly chunks: number;
  /** r, the relative overlap of neighbouring chunks. */
  readonly overlap: number;
  /** Weight of the norms in the objective. */
  readonly normWeight: number;
  /** Indexes, among the trainable parameters, of those whose gradients are compared. */
  readonly compared: readonly number[];
}

export type CosineBranch = 'constraint' | 'objective';

/** Start and end of every chunk of `size` samples. */
export function chunkBounds(size: number, chunks: number, overlap: number): [number, number][] {
  const length = Math.floor(size / chunks);
  return Array.from({ length: chunks }, (_, index) => {
    const begin = index === 0 ? 0 : Math.floor((1 - overlap) * length * index);
    const end = index === chunks - 1 ? size : Math.min(size, Math.floor((1 + overlap) * length * (index + 1)));
    return [begin, end];
  });
}

const rows = (x: Tensor, begin: number, end: number) =>
  tf.slice(x, [begin, ...x.shape.slice(1).map(() => 0)], [end - begin, ...x.shape.slice(1)]);

/** Losses and gradients of the compared parameters, per chunk; each gradient is s_i times that of theta_i. */
function chunkGradients(
  problem: CosineProblem,
  inputs: Tensors,
  factors: readonly Tensor[],
  probes: readonly (Scalar | null)[],
) {
  const { network, loss, compared } = problem;
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const weights = weightMap(problem, inputs, (index) => {
    const s = probes[index];
    return s ? probedWeight(factors[index] as Tensor, s) : plainWeight(factors[index] as Tensor);
  });
  const leaves = compared.map((index) => factors[index] as Tensor);
  return chunkBounds(batch.targets.shape[0] as number, problem.chunks, problem.overlap).map(([begin, end]) =>
    differentiate(() => {
      const results = network.forward(weights, batch.inputs, 'batch');
      return loss(
        results.map((result) => rows(result, begin, end)),
        rows(batch.targets, begin, end),
      );
    }, leaves),
  );
}

/** <g_j, g_k> over the compared parameters, with the factor 1 / s_i^2 that converts gradients of F_i to those of theta_i. */
function innerProduct(
  a: readonly (Tensor | null)[],
  b: readonly (Tensor | null)[],
  probes: readonly (Scalar | null)[],
): Tensor {
  const parts = a.flatMap((left, index) => {
    const [right, s] = [b[index], probes[index]];
    if (!left || !right) return [];
    const product = tf.sum(tf.mul(left, right));
    return [s ? tf.div(product, tf.square(s)) : product];
  });
  if (parts.length === 0) throw new AppError('MODEL_MALFORMED', 'the loss does not depend on any compared parameter');
  return tf.addN(parts);
}

const average = (values: readonly Tensor[]) => tf.div(tf.addN([...values]), values.length) as Scalar;

/**
 * Inputs: scales [K], w0.., f0.., S. Output: `result` (see unpack in ./steps.ts) with the numbers loss (mean of the chunks'), mean norm, mean cosine,
 * and the gradients alpha_i q_i of the branch.
 */
export function cosineStep(problem: CosineProblem, branch: CosineBranch, inputs: Tensors): Record<'result', Tensor> {
  const { partition, normWeight, compared } = problem;
  const factors = scaledWeights(problem, inputs);
  const probes: (Scalar | null)[] = partition.trainable.map(() => null);
  for (const { index } of partition.tuned) probes[index] = tf.scalar(1);
  const ofCompared = compared.map((index) => probes[index] ?? null);
  const kept: Scalar[] = []; // used after the scope of the outer derivative has ended
  const objective = () => {
    const chunks = chunkGradients(problem, inputs, factors, probes);
    const product = (j: number, k: number) =>
      innerProduct(chunks[j]?.gradients ?? [], chunks[k]?.gradients ?? [], ofCompared);
    const norms = chunks.map((_, k) => tf.sqrt(product(k, k)));
    const cosines = chunks.flatMap((_, j) =>
      chunks.slice(j + 1).map((__, offset) => {
        const k = j + 1 + offset;
        return tf.div(product(j, k), tf.mul(norms[j] as Tensor, norms[k] as Tensor));
      }),
    );
    const [meanNorm, meanCosine] = [average(norms), average(cosines)];
    kept.push(...[average(chunks.map(({ loss }) => loss)), meanNorm, meanCosine].map((value) => tf.keep(value)));
    if (branch === 'constraint') return tf.clone(meanNorm) as Scalar;
    return tf.neg(tf.add(meanCosine, tf.mul(meanNorm, normWeight * norms.length))) as Scalar;
  };
  const second = differentiate(
    objective,
    partition.tuned.map(({ index }) => probes[index] as Scalar),
  );
  const result = pack(kept, second.gradients);
  tf.dispose(kept);
  return { result };
}
