/** Rescaling (x scale + offset) and Normalization with given statistics ((x - mean) / sqrt(variance)). */
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxis, resolveAxis } from './axes.ts';
import { misfit, oneInput } from './misfit.ts';

export interface RescalingConfig {
  /** One number, or one for each index of the last axis. */
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];
}

function readFactor(config: ConfigReader, key: string, fallback?: number): number | readonly number[] {
  return Array.isArray(config.raw(key)) ? readStatistics(config, key) : config.number(key, fallback);
}

export const rescaling: LayerSpec<RescalingConfig> = {
  classNames: ['Rescaling'],
  parse: (config) => ({ scale: readFactor(config, 'scale'), offset: readFactor(config, 'offset', 0) }),
  params: () => [],
  outputShape({ scale, offset }, inputs) {
    const input = oneInput(inputs);
    const last = input.at(-1) ?? null;
    for (const values of [scale, offset]) {
      if (typeof values === 'number' || values.length === 1 || last === null || values.length === last) continue;
      misfit(`has ${last} entries along the last axis for ${values.length} scales or offsets`);
    }
    return input;
  },
};

export interface NormalizationConfig {
  /** As written; null: one mean and variance for everything. */
  readonly axis: number | null;
  /** One entry, or one for each index of the axis. */
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  /** true: x sqrt(variance) + mean. */
  readonly invert: boolean;
}

/** A number or a list of numbers, nested or not: Keras writes broadcast statistics as [[m, ...]]. */
function readStatistics(config: ConfigReader, key: string): number[] {
  const value = config.raw(key);
  if ((value ?? null) === null)
    return config.fail(key, 'must be given: statistics adapted from data are not in a topology');
  const list = [value].flat(4);
  const valid = list.length > 0 && list.every((entry) => Number.isFinite(entry));
  return valid ? (list as number[]) : config.fail(key, `must be numbers, got ${show(value)}`);
}

export const normalization: LayerSpec<NormalizationConfig> = {
  classNames: ['Normalization'],
  parse(config) {
    const written = config.raw('axis');
    // Keras writes its axis=None as null or as an empty list.
    const everything = written === null || (Array.isArray(written) && written.length === 0);
    const axis = everything ? null : readAxis(config, 'axis', -1);
    const variance = readStatistics(config, 'variance');
    if (variance.some((entry) => entry < 0)) config.fail('variance', 'must not be negative');
    return { axis, mean: readStatistics(config, 'mean'), variance, invert: config.boolean('invert', false) };
  },
  params: () => [],
  outputShape({ axis, mean, variance }, inputs) {
    const input = oneInput(inputs);
    const extent = axis === null ? 1 : input[resolveAxis(input, axis) - 1];
    for (const { length } of [mean, variance]) {
      if (length !== 1 && length !== extent)
        return misfit(`has ${extent} entries along axis ${axis} for ${length} statistics`);
    }
    return input;
  },
};
