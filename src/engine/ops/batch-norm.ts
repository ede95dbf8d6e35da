/**
 * Batch normalisation with the statistics of the batch, over all axes but the last.
 *
 *   y = gamma (x - mu) r + beta,   mu = E[x],   r = 1 / sqrt(E[(x - mu)^2] + epsilon)
 *
 * The TensorFlow backend uses its fused operations (./fused-batch-norm.ts); other backends compute the formula, operation by operation.
 * The variance is biased (divided by n). Default epsilon: 1e-3 in tfjs and Keras, 1e-5 in PyTorch.
 * Reference: Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167 (2015).
 */

import { stopGradient } from '../gradients/stop-gradient.ts';
import { hasTensorFlowBackend } from '../graph/binding.ts';
import { type Tensor, tf } from '../tf.ts';
import { fusedBatchNorm, fusedBatchStatistics } from './fused-batch-norm.ts';

/**
 * @param x [n, ..., c]
 * @param gamma [c]; absent: ones
 * @param beta [c]; absent: zeros
 */
export function batchNormalization(
  x: Tensor,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
  epsilon: number,
): Tensor {
  return hasTensorFlowBackend() ? fused(x, gamma, beta, epsilon) : decomposed(x, gamma, beta, epsilon);
}

/** The batch statistics that update moving ones: the mean, and the variance with Bessel's correction, as in Keras and PyTorch. */
export interface BatchStatistics {
  readonly mean: Tensor; // [c]
  readonly variance: Tensor; // [c]
}

/** The statistics of `x` [n, ..., c], without a derivative. On the TensorFlow backend a graph shares the operation with the normalisation. */
export function batchStatistics(
  x: Tensor,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
  epsilon: number,
): BatchStatistics {
  if (hasTensorFlowBackend()) return fusedBatchStatistics(...fusedOperands(x, gamma, beta), epsilon);
  const fixed = stopGradient(x);
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const { mean, variance } = tf.moments(fixed, axes);
  const n = x.size / mean.size;
  return { mean, variance: n > 1 ? tf.mul(variance, n / (n - 1)) : variance };
}

/** Reshapes the operands to [n, h, w, c], which the fused operations require. */
function fusedOperands(x: Tensor, gamma: Tensor | undefined, beta: Tensor | undefined): [Tensor, Tensor, Tensor] {
  const channels = x.shape.at(-1) ?? 1;
  const image = x.rank === 4 ? x : tf.reshape(x, [x.shape[0] ?? 1, 1, -1, channels]);
  return [image, gamma ?? tf.ones([channels]), beta ?? tf.zeros([channels])];
}

function fused(x: Tensor, gamma: Tensor | undefined, beta: Tensor | undefined, epsilon: number): Tensor {
  const y = fusedBatchNorm(...fusedOperands(x, gamma, beta), epsilon);
  return x.rank === 4 ? y : tf.reshape(y, x.shape);
}

/** The same by operations that tfjs differentiates: for other backends, and as the reference in tests of the fused form. */
export function decomposed(x: Tensor, gamma: Tensor | undefined, beta: Tensor | undefined, epsilon: number): Tensor {
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const centred = tf.sub(x, tf.mean(x, axes)); // x - mu
  const variance = tf.mean(tf.square(centred), axes); // [c]
  const r = tf.rsqrt(tf.add(variance, epsilon)); // [c]
  const y = tf.mul(centred, gamma ? tf.mul(r, gamma) : r);
  return beta ? tf.add(y, beta) : y;
}
