/** One pass over a column: finite or not, smallest and largest, mean and standard deviation of every channel. */
import { AppError } from '../errors.ts';
import { type Column, forEachRow, storageOf } from './column.ts';

/** Where the channels of one stored sample lie: element (pixel p, channel c) stands at p * pixelStride + c * channelStride. */
export interface ChannelLayout {
  readonly channels: number;
  readonly pixels: number;
  readonly channelStride: number;
  readonly pixelStride: number;
}

export interface Moments {
  readonly mean: Float64Array;
  /** Of the population. */
  readonly std: Float64Array;
}

export interface Extremes {
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** Throws DATASET_INVALID at the first NaN or infinity. `name` is the file's and the array's, `locate` names a sample. */
export function checkFinite(column: Column, name: string, locate: (sample: number) => string): void {
  if (storageOf(column) !== 'float32') return;
  for (const { start, data } of column.blocks) {
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      const sample = start + Math.floor(i / column.rowSize);
      const index = i % column.rowSize;
      const place = column.rowSize === 1 ? locate(sample) : `${locate(sample)}, element ${index}`;
      throw new AppError('DATASET_INVALID', `${name}: ${place} is ${data[i]}; remove or replace it`, {
        details: { array: name, sample, element: index },
      });
    }
  }
}

/**
 * mean_c = sum(x_c) / n;  std_c = sqrt(sum((x_c - mean_c)^2) / n), over all pixels of all given rows (null: all).
 * Two passes in float64, so that a large mean costs no digits.
 */
export function momentsOf(column: Column, rows: Int32Array | null, layout: ChannelLayout): Moments {
  const { channels, pixels } = layout;
  const n = (rows === null ? column.rows : rows.length) * pixels;
  const mean = sumBy(column, rows, layout, (value) => value).map((sum) => sum / n);
  const squares = sumBy(column, rows, layout, (value, c) => (value - (mean[c] as number)) ** 2);
  const std = new Float64Array(channels);
  squares.forEach((sum, c) => {
    std[c] = Math.sqrt(sum / n);
  });
  return { mean, std };
}

function sumBy(
  column: Column,
  rows: Int32Array | null,
  { channels, pixels, channelStride, pixelStride }: ChannelLayout,
  term: (value: number, channel: number) => number,
): Float64Array {
  const sums = new Float64Array(channels);
  forEachRow(column, rows, (data, at) => {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let p = 0, i = at + c * channelStride; p < pixels; p++, i += pixelStride) sum += term(data[i] as number, c);
      sums[c] = (sums[c] as number) + sum;
    }
  });
  return sums;
}

/** The smallest and largest value of every channel. */
export function extremesOf(column: Column, rows: Int32Array | null, layout: ChannelLayout): Extremes {
  const { channels, pixels, channelStride, pixelStride } = layout;
  const min = new Float64Array(channels).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
  forEachRow(column, rows, (data, at) => {
    for (let c = 0; c < channels; c++) {
      for (let p = 0, i = at + c * channelStride; p < pixels; p++, i += pixelStride) {
        const value = data[i] as number;
        if (value < (min[c] as number)) min[c] = value;
        if (value > (max[c] as number)) max[c] = value;
      }
    }
  });
  return { min, max };
}

/** The smallest and largest value of the whole column. */
export function extremesOfColumn({ blocks }: Column): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { data } of blocks) {
    for (const value of data) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { min, max };
}
