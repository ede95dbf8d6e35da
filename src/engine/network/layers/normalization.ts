/** Normalisation layers. Variances are biased (divided by n), as in both frameworks. */
import type { BatchNormalizationConfig } from '../../../topology/layers/batch-normalization.ts';
import type { GroupNormalizationConfig } from '../../../topology/layers/group-normalization.ts';
import type { LayerNormalizationConfig } from '../../../topology/layers/layer-normalization.ts';
import type { RmsNormalizationConfig, UnitNormalizationConfig } from '../../../topology/layers/vector-normalization.ts';
import { batchStatistics, batchNormalization as normalizeBatch } from '../../ops/batch-norm.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward, StatisticObserver, Weight } from '../layer-forward.ts';
import { withAxisLast } from './channels.ts';
import { only, weightOf } from './common.ts';

/** Ascending positions of axes, of which negative ones count from the end. */
const positions = (axes: readonly number[], rank: number) =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);

/** (x - mean) / sqrt(variance + epsilon) over `axes`. */
function standardize(x: Tensor, axes: number[], epsilon: number): Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}

/** x gamma + beta, each if present and reshaped to broadcast against x along `axes`. */
function affine(x: Tensor, axes: readonly number[], gamma: Weight | undefined, beta: Weight | undefined): Tensor {
  const trailing = axes.every((axis, index) => axis === x.rank - axes.length + index);
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
  const broadcast = (weight: Weight) => (trailing ? weight.value() : tf.reshape(weight.value(), shape));
  const scaled = gamma ? tf.mul(x, broadcast(gamma)) : x;
  return beta ? tf.add(scaled, broadcast(beta)) : scaled;
}

/** Inference: x k + (beta - mean k), k = gamma / sqrt(variance + epsilon). */
function normalizeWithMoving(x: Tensor, weights: Readonly<Record<string, Weight>>, epsilon: number): Tensor {
  const inverse = tf.rsqrt(tf.add(weightOf(weights, 'moving_variance').value(), epsilon)); // [c]
  const slope = weights.gamma ? tf.mul(inverse, weights.gamma.value()) : inverse;
  const drift = tf.mul(weightOf(weights, 'moving_mean').value(), slope);
  const offset = weights.beta ? tf.sub(weights.beta.value(), drift) : tf.neg(drift);
  return tf.add(tf.mul(x, slope), offset);
}

/** Batch normalisation by batch statistics; the channels are in the last axis. */
function normalizeWithBatch(
  x: Tensor,
  { epsilon, momentum }: BatchNormalizationConfig,
  weights: Readonly<Record<string, Weight>>,
  observe: StatisticObserver | undefined,
): Tensor {
  const [gamma, beta] = [weights.gamma?.value(), weights.beta?.value()];
  if (observe) {
    const { mean, variance } = batchStatistics(x, gamma, beta, epsilon);
    observe(weightOf(weights, 'moving_mean'), mean, momentum);
    observe(weightOf(weights, 'moving_variance'), variance, momentum);
  }
  return normalizeBatch(x, gamma, beta, epsilon);
}

export const batchNormalization: LayerForward<BatchNormalizationConfig> = (config, inputs, weights, context) =>
  withAxisLast(only(inputs), config.axis, (x) =>
    context.batchNorm === 'moving'
      ? normalizeWithMoving(x, weights, config.epsilon)
      : normalizeWithBatch(x, config, weights, context.observe),
  );

export const layerNormalization: LayerForward<LayerNormalizationConfig> = ({ axes, epsilon }, inputs, weights) => {
  const x = only(inputs);
  const places = positions(axes, x.rank);
  return affine(standardize(x, places, epsilon), places, weights.gamma, weights.beta);
};

export const groupNormalization: LayerForward<GroupNormalizationConfig> = (config, inputs, weights) =>
  withAxisLast(only(inputs), config.axis, (x) => {
    const channels = x.shape.at(-1) ?? 1;
    const groups = config.groups === -1 ? channels : config.groups;
    const blocks = tf.reshape(x, [x.shape[0] ?? 1, -1, groups, channels / groups]); // [n, space, groups, c / groups]
    const y = tf.reshape(standardize(blocks, [1, 3], config.epsilon), x.shape);
    return affine(y, [x.rank - 1], weights.gamma, weights.beta);
  });

/** x / max(|x|, 1e-12) along the axes; the bound of Keras avoids a division by zero. */
export const unitNormalization: LayerForward<UnitNormalizationConfig> = ({ axes }, inputs) => {
  const x = only(inputs);
  const squares = tf.sum(tf.square(x), positions(axes, x.rank), true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squares, 1e-24)));
};

/** x / sqrt(mean(x^2) + epsilon) * scale. Zhang and Sennrich, arXiv 1910.07467 (2019). */
export const rmsNormalization: LayerForward<RmsNormalizationConfig> = ({ axes, epsilon }, inputs, weights) => {
  const x = only(inputs);
  const places = positions(axes, x.rank);
  const meanSquare = tf.mean(tf.square(x), places, true);
  return affine(tf.mul(x, tf.rsqrt(tf.add(meanSquare, epsilon))), places, weightOf(weights, 'scale'), undefined);
};
