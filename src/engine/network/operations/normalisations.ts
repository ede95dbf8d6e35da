/**
 * Normalisations as operations.
 *
 *   layer_norm           gamma (x - mean) / sqrt(variance + epsilon) + beta     arXiv 1607.06450
 *   rms_norm             scale x / sqrt(mean(x^2) + epsilon)                     arXiv 1910.07467
 *   normalize            x / max((sum |x|^p)^(1/p), epsilon)
 *   batch_normalization  scale (x - mean) / sqrt(variance + epsilon) + offset, with given statistics
 */
import type { NormAttributes, NormalizeAttributes } from '../../../topology/operations/normalisations.ts';
import type { Operands } from '../../../topology/operations/operands.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { OperationForward } from './operation-forward.ts';

const positions = (axes: readonly number[], rank: number) =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);

/** y gamma + beta, in a shape that broadcasts along `axes`. */
function affine(
  y: Tensor,
  axes: readonly number[],
  operands: Operands<Tensor>,
  names: readonly [string, string],
): Tensor {
  const shape = y.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
  const along = (name: string) => {
    const value = operands.maybe(name);
    return value === undefined ? undefined : tf.reshape(value, shape);
  };
  const [gamma, beta] = [along(names[0]), along(names[1])];
  const scaled = gamma === undefined ? y : tf.mul(y, gamma);
  return beta === undefined ? scaled : tf.add(scaled, beta);
}

const layerNorm: OperationForward<NormAttributes> = ({ axes, epsilon }, operands) => {
  const x = operands.one('x');
  const places = positions(axes, x.rank);
  const centred = tf.sub(x, tf.mean(x, places, true));
  const variance = tf.mean(tf.square(centred), places, true);
  return affine(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), places, operands, ['gamma', 'beta']);
};

const rmsNorm: OperationForward<NormAttributes> = ({ axes, epsilon }, operands) => {
  const x = operands.one('x');
  const places = positions(axes, x.rank);
  const meanSquare = tf.mean(tf.square(x), places, true);
  return affine(tf.mul(x, tf.rsqrt(tf.add(meanSquare, epsilon))), places, operands, ['scale', 'beta']);
};

const normalize: OperationForward<NormalizeAttributes> = ({ axes, order, epsilon }, operands) => {
  const x = operands.one('x');
  const places = positions(axes, x.rank);
  if (order === 2) return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), places, true), epsilon * epsilon)));
  const powers = order === 1 ? tf.abs(x) : tf.pow(tf.abs(x), order);
  const sum = tf.sum(powers, places, true);
  return tf.div(x, tf.maximum(order === 1 ? sum : tf.pow(sum, 1 / order), epsilon));
};

const batchNormalization: OperationForward<{ readonly axis: number; readonly epsilon: number }> = (
  attributes,
  operands,
) => {
  const x = operands.one('x');
  const places = positions([attributes.axis], x.rank);
  const shape = x.shape.map((extent, axis) => (places.includes(axis) ? extent : 1));
  const [mean, variance] = [operands.one('mean'), operands.one('variance')].map((value) =>
    tf.reshape(value, shape),
  ) as [Tensor, Tensor];
  const y = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, attributes.epsilon)));
  return affine(y, places, operands, ['scale', 'offset']);
};

export const normalisations = {
  layer_norm: layerNorm,
  rms_norm: rmsNorm,
  normalize,
  batch_normalization: batchNormalization,
};
