/** Which affine map brings stored numbers to the model's inputs: value = (stored - offset) / scale, one pair for every channel. */
import type { ArrangedInput } from './arrange.ts';
import { refuseOption } from './array-names.ts';
import { storageOf } from './column.ts';
import type { CompleteOptions } from './options.ts';
import { extremesOf, momentsOf } from './statistics.ts';

export interface Normalization {
  readonly mode: 'per-channel' | 'unit' | 'none' | 'given';
  /** In units of the file, one for each channel. */
  readonly offset: readonly number[];
  /** In units of the file, one for each channel, never 0. */
  readonly scale: readonly number[];
  /** What was decided without being asked for, in a whole sentence. */
  readonly note?: string;
}

/** A spread below float32's resolution is a constant channel. */
const resolution = 2 ** -23;

/** The map of one input, from the rows of the training part (null: all). Throws INVALID_INPUT when given numbers do not fit the channels. */
export function normalizationOf(
  input: ArrangedInput,
  wish: CompleteOptions['normalize'],
  rows: Int32Array | null,
): Normalization {
  const { channels } = input.layout;
  if (typeof wish === 'object') return givenNormalization(input, wish);
  if (wish === 'auto' && isScaled(input, rows)) {
    const note = `The pictures "${input.name}" are scaled already (float numbers within ${scaledWithin}): they are left as they are.`;
    return { mode: 'none', offset: repeat(0, channels), scale: repeat(1, channels), note };
  }
  const mode = wish === 'auto' ? (input.role === 'image' ? 'per-channel' : 'none') : wish;
  if (mode === 'none' || input.role === 'ids')
    return { mode: 'none', offset: repeat(0, channels), scale: repeat(1, channels) };
  if (mode === 'unit') return { mode, ...unit(input, rows) };
  const { mean, std } = momentsOf(input.column, rows, input.layout);
  return { mode, offset: [...mean], scale: Array.from(std, (value, c) => spread(value, mean[c] ?? 0)) };
}

/** 0..1, -1..1 and standard deviations lie within; pictures of 0..255 do not. */
const scaledWithin = 10;

/** Float pictures whose numbers have been normalised before. */
function isScaled({ role, column, layout }: ArrangedInput, rows: Int32Array | null): boolean {
  if (role !== 'image' || storageOf(column) !== 'float32') return false;
  const { min, max } = extremesOf(column, rows, layout);
  return Math.max(...max) <= scaledWithin && Math.min(...min) >= -scaledWithin;
}

const repeat = (value: number, times: number) => new Array<number>(times).fill(value);

/** A constant channel becomes 0, not NaN. */
const spread = (value: number, size: number) => (value <= Math.abs(size) * resolution ? 1 : value);

/** The range that the format can express, else that of the data: of all channels of an image together, of every feature alone. */
function unit(input: ArrangedInput, rows: Int32Array | null): Pick<Normalization, 'offset' | 'scale'> {
  const { channels } = input.layout;
  if (input.range !== null) {
    const [low, high] = input.range;
    return { offset: repeat(low, channels), scale: repeat(high - low, channels) };
  }
  const { min, max } = extremesOf(input.column, rows, input.layout);
  if (input.role === 'image') {
    const [low, high] = [Math.min(...min), Math.max(...max)];
    return { offset: repeat(low, channels), scale: repeat(spread(high - low, low), channels) };
  }
  return { offset: [...min], scale: Array.from(max, (high, c) => spread(high - (min[c] ?? 0), high)) };
}

/** x in 0..1 where the format has a range: (x - mean) / std = (stored - (low + mean * span)) / (std * span). */
function givenNormalization(input: ArrangedInput, { mean, std }: { mean: number[]; std: number[] }): Normalization {
  const { channels } = input.layout;
  if (input.role === 'ids') return { mode: 'none', offset: repeat(0, channels), scale: repeat(1, channels) };
  if (mean.length !== 1 && mean.length !== channels) {
    const message = `dataset options: normalize has ${mean.length} channels, "${input.name}" has ${channels}`;
    refuseOption('normalize/mean', message);
  }
  const [low, high] = input.range ?? [0, 1];
  const perChannel = (values: number[]) => Array.from({ length: channels }, (_, c) => values[c] ?? values[0] ?? 0);
  return {
    mode: 'given',
    offset: perChannel(mean).map((value) => low + value * (high - low)),
    scale: perChannel(std).map((value) => value * (high - low)),
  };
}
