/** ZeroPadding1D/2D/3D and Cropping1D/2D/3D. */
import type { MarginsConfig } from '../../../topology/layers/padding.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only } from './common.ts';

/** [before, after] for every axis of x; [0, 0] for the batch and the channels. */
function allMargins({ margins, dataFormat }: MarginsConfig): [number, number][] {
  const space = margins.map(([before, after]): [number, number] => [before, after]);
  return dataFormat === 'channels_first' ? [[0, 0], [0, 0], ...space] : [[0, 0], ...space, [0, 0]];
}

export const zeroPadding: LayerForward<MarginsConfig> = (config, inputs) => tf.pad(only(inputs), allMargins(config));

export const cropping: LayerForward<MarginsConfig> = (config, inputs): Tensor => {
  const x = only(inputs);
  const margins = allMargins(config);
  const size = x.shape.map((extent, axis) => extent - (margins[axis]?.[0] ?? 0) - (margins[axis]?.[1] ?? 0));
  return tf.slice(
    x,
    margins.map(([before]) => before),
    size,
  );
};
