/** UpSampling1D/2D, nearest neighbour, axis by axis: [a, extent b] -> the rows side by side -> [a, extent times, b]. */
import type { UpSamplingConfig } from '../../../topology/layers/up-sampling.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only } from './common.ts';

/** Every index of `axis` repeated `times` in a row. */
function repeat(x: Tensor, axis: number, times: number): Tensor {
  if (times === 1) return x;
  const inner = x.shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  const rows = tf.reshape(x, [-1, inner]); // [a extent, b]
  const side = tf.concat(
    Array.from({ length: times }, () => rows),
    1,
  ); // [a extent, times b]
  return tf.reshape(
    side,
    x.shape.map((extent, index) => (index === axis ? extent * times : extent)),
  );
}

export const upSampling: LayerForward<UpSamplingConfig> = ({ size, dataFormat }, inputs) => {
  const firstSpace = dataFormat === 'channels_first' ? 2 : 1;
  return size.reduce((x, times, axis) => repeat(x, axis + firstSpace, times), only(inputs));
};
