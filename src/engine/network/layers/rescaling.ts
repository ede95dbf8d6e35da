/** Rescaling and Normalization. */
import type { NormalizationConfig, RescalingConfig } from '../../../topology/layers/rescaling.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only, weightOf } from './common.ts';

const factor = (values: number | readonly number[]) => (typeof values === 'number' ? values : tf.tensor1d([...values]));

export const rescaling: LayerForward<RescalingConfig> = ({ scale, offset }, inputs) => {
  const scaled = scale === 1 ? only(inputs) : tf.mul(only(inputs), factor(scale));
  return offset === 0 ? scaled : tf.add(scaled, factor(offset));
};

/** Statistics of the kept axes, reshaped to broadcast against x. */
function broadcast(values: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = axes.map((axis) => (axis < 0 ? axis + x.rank : axis));
  return values.size === 1
    ? tf.reshape(values, [])
    : tf.reshape(
        values,
        x.shape.map((extent, axis) => (kept.includes(axis) ? extent : 1)),
      );
}

/** (x - mean) / max(sqrt(variance), 1e-7); the bound of Keras avoids a division by zero for constant features. */
export const normalization: LayerForward<NormalizationConfig> = ({ axes, given, invert }, inputs, weights) => {
  const x = only(inputs);
  const statistic = (key: 'mean' | 'variance') =>
    broadcast(given ? tf.tensor1d([...given[key]]) : weightOf(weights, key).value(), x, axes);
  const deviation = tf.maximum(tf.sqrt(statistic('variance')), 1e-7);
  return invert ? tf.add(tf.mul(x, deviation), statistic('mean')) : tf.div(tf.sub(x, statistic('mean')), deviation);
};
