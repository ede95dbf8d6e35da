/**
 * Norms of a gradient and their dual directions, along which an optimizer steps.
 *
 *   'l2'       ||g||_2 = sqrt(sum g^2)                         direction g, or g / ||g||_2
 *   'l1'       ||g||_1 = sum |g|                               direction sign(g)
 *   'nuclear'  sum over matrices of f ||g||_* + |vectors|_1    direction f U V^T of matrices g = U S V^T, sign(g) of vectors;  f = 0.2 sqrt(max(rows, columns))
 *
 * All three norms are <g, d(g)>, with d of unit length in the dual norm: to first order a step eta d lowers the loss by eta ||g||. Where d maximises
 * <g, d>, its derivative does not contribute to that of the norm, so that d may be detached (envelope theorem); for 'nuclear', whose U V^T is
 * approximate (../ops/orthogonalize.ts), the derivative is that of <g, d> with constant d.
 */
import { AppError } from '../../errors.ts';
import { stopGradient } from '../gradients/stop-gradient.ts';
import { matrixShape, muonFactor, orthogonalize } from '../ops/orthogonalize.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';

export type NormKind = 'l1' | 'l2' | 'nuclear';

/** d(g) of one tensor; for 'l2' this is g, which the caller may divide by the norm over all tensors. */
export function directionOf(gradient: Tensor, kind: NormKind): Tensor {
  if (kind === 'l2') return gradient;
  const matrix = kind === 'nuclear' ? matrixShape(gradient.shape) : null;
  return matrix ? tf.mul(orthogonalize(gradient), muonFactor(matrix)) : tf.sign(gradient);
}

/** The contribution of one tensor: its sum of squares for 'l2', its norm for the others. */
function partOf(gradient: Tensor, kind: NormKind): Tensor {
  if (kind === 'l2') return tf.sum(tf.square(gradient));
  if (kind === 'l1') return tf.sum(tf.abs(gradient));
  return tf.sum(tf.mul(gradient, directionOf(stopGradient(gradient), kind)));
}

/**
 * The norm over all tensors, as a scalar that can be differentiated again.
 *
 * @param gradients null for tensors that the loss does not depend on
 * @param factors g_i is replaced by g_i / s_i where s_i > 0 is given
 * @throws MODEL_MALFORMED when the loss depends on none of the tensors
 */
export function normOfGradients(
  gradients: readonly (Tensor | null)[],
  kind: NormKind,
  factors?: readonly (Scalar | null)[],
): Scalar {
  const parts: Tensor[] = [];
  gradients.forEach((gradient, index) => {
    if (!gradient) return;
    const s = factors?.[index] ?? null;
    const part = partOf(gradient, kind);
    // ||g / s||^2 = ||g||^2 / s^2; the other norms are homogeneous of degree one.
    parts.push(s === null ? part : tf.div(part, kind === 'l2' ? tf.square(s) : s));
  });
  if (parts.length === 0) throw new AppError('MODEL_MALFORMED', 'the loss does not depend on any trainable parameter');
  const total = tf.addN(parts);
  return (kind === 'l2' ? tf.sqrt(total) : total) as Scalar;
}
