/** Sliding windows: the options of convolutions and pooling, and the extents after a window. */
import type { ConfigReader } from '../config-reader.ts';
import type { Shape } from '../topology.ts';
import { misfit } from './misfit.ts';

export type DataFormat = 'channels_last' | 'channels_first';
/** 'causal' (one spatial axis only) pads on the left, so that step t does not depend on later steps. */
export type Padding = 'valid' | 'same' | 'causal';

/** Each list has one number per spatial axis. */
export interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
  readonly dataFormat: DataFormat;
}

/** The data format in both spellings; absent or null is channels_last. */
export function readDataFormat(config: ConfigReader): DataFormat {
  const allowed = ['channels_last', 'channels_first', 'channelsLast', 'channelsFirst'] as const;
  const format = config.oneOf('data_format', allowed, 'channels_last');
  return format === 'channels_last' || format === 'channelsLast' ? 'channels_last' : 'channels_first';
}

/** The window of a convolution over `rank` spatial axes. */
export function readConvWindow(config: ConfigReader, rank: number, paddings: readonly Padding[]): Window {
  const window = {
    size: config.integers('kernel_size', rank),
    strides: config.integers('strides', rank, 1),
    dilation: config.integers('dilation_rate', rank, 1),
    padding: config.oneOf('padding', paddings, 'valid'),
    dataFormat: readDataFormat(config),
  };
  if (window.strides.some((stride) => stride > 1) && window.dilation.some((rate) => rate > 1)) {
    config.fail('dilation_rate', 'must be 1 where strides exceed 1: a convolution cannot have both');
  }
  return window;
}

/** The window of a pooling over `rank` spatial axes; strides default to the window size. */
export function readPoolWindow(config: ConfigReader, rank: number): Window {
  const size = config.integers('pool_size', rank, 2);
  return {
    size,
    strides: config.integers('strides', rank, size),
    dilation: size.map(() => 1),
    padding: config.oneOf('padding', ['valid', 'same'], 'valid'),
    dataFormat: readDataFormat(config),
  };
}

/** Spatial extents and channels of an unbatched shape. */
export function splitShape(shape: Shape, format: DataFormat): { space: Shape; channels: number | null } {
  const first = format === 'channels_first';
  const channels = (first ? shape[0] : shape.at(-1)) ?? null;
  return { space: first ? shape.slice(1) : shape.slice(0, -1), channels };
}

/** The inverse of `splitShape`. */
export function joinShape(space: Shape, channels: number | null, format: DataFormat): Shape {
  return format === 'channels_first' ? [channels, ...space] : [...space, channels];
}

/** The number of input channels, which must be known because parameters depend on it. */
export function knownChannels(shape: Shape, format: DataFormat): number {
  return splitShape(shape, format).channels ?? misfit('must have a known number of channels');
}

/**
 * Spatial extents after the window: ceil(n / stride) for 'same' and 'causal', ceil((n - reach + 1) / stride) for 'valid', where
 * reach = (size - 1) dilation + 1.
 */
export function slide({ size, strides, dilation, padding }: Window, space: Shape): Shape {
  return space.map((extent, axis) => {
    if (extent === null) return null;
    const reach = reachOf({ size, dilation }, axis);
    const places = padding === 'valid' ? extent - reach + 1 : extent;
    if (places < 1)
      return misfit(`has extent ${extent} where the window covers ${reach}; use padding "same" or a smaller window`);
    return Math.ceil(places / (strides[axis] ?? 1));
  });
}

/** Number of positions that a window covers: (size - 1) dilation + 1. */
export const reachOf = ({ size, dilation }: Pick<Window, 'size' | 'dilation'>, axis: number): number =>
  ((size[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;

/**
 * An equivalent window without strides and dilations far beyond the extents n of `space`, which would make TensorFlow allocate or iterate in vain:
 *
 *   stride    min(stride, n): from n on there is one position, whatever the stride
 *   dilation  1 for a single tap; otherwise min(dilation, 2 n), from where all taps except the middle one read padding only. A 'valid' window never exceeds n
 */
export function withinReach(window: Window, space: readonly number[]): Window {
  const extentOf = (axis: number) => space[axis] ?? 1;
  return {
    ...window,
    strides: window.strides.map((stride, axis) => Math.min(stride, extentOf(axis))),
    dilation: window.dilation.map((rate, axis) => (window.size[axis] === 1 ? 1 : Math.min(rate, 2 * extentOf(axis)))),
  };
}

/**
 * The same for pooling, whose window has no weights, so that its size is at most 2 n + 1. For s = stride, k = size and padding 'same', window i of m
 * begins at i s - floor(((m - 1) s + k - n) / 2); from k = n + (m - 1) s + 1 <= 2 n on, each window covers the whole extent.
 */
export function poolWithinReach(window: Window, space: readonly number[]): Window {
  const size = window.size.map((length, axis) => Math.min(length, 2 * (space[axis] ?? 1) + 1));
  return withinReach({ ...window, size }, space);
}
