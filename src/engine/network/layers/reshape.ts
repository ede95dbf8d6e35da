/** Flatten, Reshape, Permute, RepeatVector. */
import type { PermuteConfig, ReshapeConfig } from '../../../topology/layers/reshape.ts';
import type { DataFormat } from '../../../topology/layers/window.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { toChannelsLast } from './channels.ts';
import { only } from './common.ts';

export const flatten: LayerForward<{ readonly dataFormat: DataFormat }> = ({ dataFormat }, inputs) => {
  const input = only(inputs);
  const x = input.rank > 2 ? toChannelsLast(input, dataFormat) : input;
  return x.rank === 2 ? x : tf.reshape(x, [x.shape[0] ?? 1, -1]);
};

export const reshape: LayerForward<ReshapeConfig> = ({ target }, inputs) => {
  const x = only(inputs);
  return tf.reshape(x, [x.shape[0] ?? 1, ...target]);
};

export const permute: LayerForward<PermuteConfig> = ({ dims }, inputs) => tf.transpose(only(inputs), [0, ...dims]);

export const repeatVector: LayerForward<{ readonly times: number }> = ({ times }, inputs) => {
  const row = tf.expandDims(only(inputs), 1); // [n, 1, d]
  return times === 1
    ? row
    : tf.concat(
        Array.from({ length: times }, () => row),
        1,
      );
};
