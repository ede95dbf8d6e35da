/** UpSampling1D/2D/3D: enlarges the spatial axes by integer factors, by repetition or (images) by interpolation. */
import type { UpSamplingConfig } from '../../../topology/layers/up-sampling.ts';
import { resizeImages } from '../../ops/resize.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { only } from './common.ts';

/** Repeats every element `times` times along an axis. */
function repeat(x: Tensor, axis: number, times: number): Tensor {
  if (times === 1) return x;
  const apart = tf.expandDims(x, axis + 1);
  const tiled = tf.tile(
    apart,
    apart.shape.map((_, at) => (at === axis + 1 ? times : 1)),
  );
  return tf.reshape(tiled, [...x.shape.slice(0, axis), (x.shape[axis] as number) * times, ...x.shape.slice(axis + 1)]);
}

export const upSampling: LayerForward<UpSamplingConfig> = ({ size, interpolation, dataFormat }, inputs) => {
  const x = toChannelsLast(only(inputs), dataFormat); // [n, ...space, c]
  if (interpolation === 'nearest') {
    return fromChannelsLast(
      size.reduce((grown, times, axis) => repeat(grown, axis + 1, times), x),
      dataFormat,
    );
  }
  const [, height, width] = x.shape as [number, number, number, number];
  const [rows = 1, columns = 1] = size;
  const extents: [number, number] = [height * rows, width * columns];
  return fromChannelsLast(resizeImages(x as Tensor4D, extents, { interpolation, antialias: false }), dataFormat);
};
