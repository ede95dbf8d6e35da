/**
 * UpSampling1D/2D: the spatial axes of an image enlarged by whole factors.
 *
 * Bilinear samples lie at i / factor in tfjs, at (i + 1/2) / factor - 1/2 in Keras 3.
 */
import type { UpSamplingConfig } from '../../../topology/layers/up-sampling.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { only } from './common.ts';
import { asImage, asRank, pair } from './conv.ts';

export const upSampling: LayerForward<UpSamplingConfig> = ({ size, interpolation, dataFormat }, inputs) => {
  const input = only(inputs);
  const image = asImage(toChannelsLast(input, dataFormat)); // [n, h, w, c]
  const [rows, columns] = pair(size);
  const extents: [number, number] = [image.shape[1] * rows, image.shape[2] * columns];
  const y =
    interpolation === 'nearest'
      ? tf.image.resizeNearestNeighbor(image, extents)
      : tf.image.resizeBilinear(image, extents, false, interpolation === 'bilinear_keras3');
  return fromChannelsLast(asRank(y, input.rank), dataFormat);
};
