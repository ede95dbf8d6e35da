/** Rescaling and Normalization: constants that the topology carries. */
import type { NormalizationConfig, RescalingConfig } from '../../../topology/layers/rescaling.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only } from './common.ts';

const factor = (values: number | readonly number[]) => (typeof values === 'number' ? values : tf.tensor1d([...values]));

export const rescaling: LayerForward<RescalingConfig> = ({ scale, offset }, inputs) => {
  const scaled = scale === 1 ? only(inputs) : tf.mul(only(inputs), factor(scale));
  return offset === 0 ? scaled : tf.add(scaled, factor(offset));
};

/** (x - mean) / max(sqrt(variance), 1e-7), Keras' guard against constant features. */
export const normalization: LayerForward<NormalizationConfig> = ({ axis, mean, variance, invert }, inputs) => {
  const x = only(inputs);
  const position = axis !== null && axis < 0 ? axis + x.rank : axis;
  const along = (values: readonly number[]): Tensor | number => {
    const shape = x.shape.map((extent, index) => (index === position ? extent : 1));
    return values.length === 1 ? (values[0] ?? 0) : tf.tensor(Float32Array.from(values), shape);
  };
  const deviation = along(variance.map((value) => Math.max(Math.sqrt(value), 1e-7)));
  return invert ? tf.add(tf.mul(x, deviation), along(mean)) : tf.div(tf.sub(x, along(mean)), deviation);
};
