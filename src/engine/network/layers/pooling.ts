/**
 * Max and average pooling, local, global and adaptive.
 *
 * A window over several axes is pooled plane by plane: one spatial axis is represented as two, the first with extent 1; three are pooled as two, then
 * the remaining one. Maximum and mean over a box are those over its axes in turn; positions added by 'same' padding do not count in a mean, and the
 * number of counted positions is a product over the axes too.
 */
import type { AdaptivePoolingConfig } from '../../../topology/layers/adaptive-pooling.ts';
import type { GlobalPoolingConfig, PoolingConfig } from '../../../topology/layers/pooling.ts';
import { poolWithinReach, type Window } from '../../../topology/layers/window.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { only } from './common.ts';
import { asImage, asRank, paddingRule, pair, spaceOf } from './conv.ts';

type Pool = (image: Tensor4D, size: readonly number[], strides: readonly number[]) => Tensor4D;

function poolOf({ kind, window }: PoolingConfig): Pool {
  const run = kind === 'max' ? tf.maxPool : tf.avgPool;
  return (image, size, strides) => run(image, pair(size), pair(strides), paddingRule(window));
}

/** [n, d, h, w, c]: pools height and width of every plane, then the depth. */
function poolVolume(x: Tensor, { size, strides }: Window, pool: Pool): Tensor {
  const [samples, depth, height, width, channels] = x.shape as [number, number, number, number, number];
  const planes = tf.reshape(x, [samples * depth, height, width, channels]) as Tensor4D;
  const flat = pool(planes, size.slice(1), strides.slice(1)); // [n d, h', w', c]
  const [, rows, columns] = flat.shape;
  const columnsOfDepth = tf.reshape(flat, [samples, depth, rows * columns, channels]) as Tensor4D;
  const y = pool(columnsOfDepth, [size[0] ?? 1, 1], [strides[0] ?? 1, 1]); // [n, d', h' w', c]
  return tf.reshape(y, [samples, y.shape[1], rows, columns, channels]);
}

export const pooling: LayerForward<PoolingConfig> = (config, inputs) => {
  const input = only(inputs);
  const x = toChannelsLast(input, config.window.dataFormat);
  const window = poolWithinReach(config.window, spaceOf(x));
  const pool = poolOf(config);
  const y =
    x.rank === 5 ? poolVolume(x, window, pool) : asRank(pool(asImage(x), window.size, window.strides), input.rank);
  return fromChannelsLast(y, window.dataFormat);
};

/** The mean over the steps that count; mask [n, t]. */
function maskedMean(x: Tensor, mask: Tensor, { keepDims, dataFormat }: GlobalPoolingConfig): Tensor {
  const axis = dataFormat === 'channels_first' ? 2 : 1;
  const along = tf.expandDims(mask, axis === 1 ? 2 : 1);
  return tf.div(tf.sum(tf.mul(x, along), axis, keepDims), tf.sum(along, axis, keepDims));
}

export const globalPooling: LayerForward<GlobalPoolingConfig> = (config, inputs, _weights, { masks }) => {
  const { kind, keepDims, dataFormat } = config;
  const x = only(inputs);
  const mask = masks?.[0];
  if (mask) return maskedMean(x, mask, config);
  const firstSpace = dataFormat === 'channels_first' ? 2 : 1;
  const axes = Array.from({ length: x.rank - 2 }, (_, axis) => axis + firstSpace);
  return kind === 'max' ? tf.max(x, axes, keepDims) : tf.mean(x, axes, keepDims);
};

/** Indexes of the elements in each of `size` windows over an axis of `extent`: window i covers floor(i n / size) ... ceil((i + 1) n / size) - 1. */
function adaptiveWindows(extent: number, size: number): number[][] {
  return Array.from({ length: size }, (_, index) => {
    const first = Math.floor((index * extent) / size);
    const end = Math.ceil(((index + 1) * extent) / size);
    return Array.from({ length: end - first }, (_, offset) => first + offset);
  });
}

/** Pools one axis: gathers the elements of all windows; shorter windows are filled with one of their own elements, whose weight in a mean is 0. */
export function poolAdaptively(x: Tensor, axis: number, size: number, kind: PoolingConfig['kind']): Tensor {
  const windows = adaptiveWindows(x.shape[axis] as number, size);
  const longest = Math.max(...windows.map((window) => window.length));
  const places = windows.flatMap((window) => Array.from({ length: longest }, (_, at) => window[at] ?? window[0] ?? 0));
  const gathered = tf.gather(x, tf.tensor1d(places, 'int32'), axis);
  const shape = [...x.shape.slice(0, axis), size, longest, ...x.shape.slice(axis + 1)];
  const blocks = tf.reshape(gathered, shape);
  if (kind === 'max') return tf.max(blocks, axis + 1);
  const shares = windows.flatMap(({ length }) =>
    Array.from({ length: longest }, (_, at) => (at < length ? 1 / length : 0)),
  );
  const along = shape.map((extent, position) => (position === axis || position === axis + 1 ? extent : 1));
  return tf.sum(tf.mul(blocks, tf.tensor(shares, along)), axis + 1);
}

export const adaptivePooling: LayerForward<AdaptivePoolingConfig> = ({ kind, size, dataFormat }, inputs) => {
  const firstSpace = dataFormat === 'channels_first' ? 2 : 1;
  return size.reduce((x, extent, index) => poolAdaptively(x, firstSpace + index, extent, kind), only(inputs));
};
