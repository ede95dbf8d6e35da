/** Max and average pooling, local and global; one spatial axis is pooled as two, the first of extent 1. */
import type { GlobalPoolingConfig, PoolingConfig } from '../../../topology/layers/pooling.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { only } from './common.ts';
import { asImage, asRank, paddingRule, pair } from './conv.ts';

export const pooling: LayerForward<PoolingConfig> = ({ kind, window }, inputs) => {
  const input = only(inputs);
  const image = asImage(toChannelsLast(input, window.dataFormat));
  const pool = kind === 'max' ? tf.maxPool : tf.avgPool;
  const y = pool(image, pair(window.size), pair(window.strides), paddingRule(window));
  return fromChannelsLast(asRank(y, input.rank), window.dataFormat);
};

export const globalPooling: LayerForward<GlobalPoolingConfig> = ({ kind, keepDims, dataFormat }, inputs) => {
  const x = only(inputs);
  const firstSpace = dataFormat === 'channels_first' ? 2 : 1;
  const axes = Array.from({ length: x.rank - 2 }, (_, axis) => axis + firstSpace);
  return kind === 'max' ? tf.max(x, axes, keepDims) : tf.mean(x, axes, keepDims);
};
