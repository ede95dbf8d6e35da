/** Rescaling (x scale + offset) and Normalization ((x - mean) / sqrt(variance)), by constants or by statistics that are parameters. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { knownExtent, misfit, oneInput } from './misfit.ts';

export interface RescalingConfig {
  /** One number, or one per index of the last axis. */
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
  /** Axes along which the statistics vary, as configured; empty: one mean and variance for all elements. */
  readonly axes: readonly number[];
  /** null: the statistics are untrained parameters, which `adapt` of Keras sets. */
  readonly given: { readonly mean: readonly number[]; readonly variance: readonly number[] } | null;
  /** true: x sqrt(variance) + mean. */
  readonly invert: boolean;
}

/** A number or a list of numbers, flat or nested: Keras writes broadcast statistics as [[m, ...]]. */
function readStatistics(config: ConfigReader, key: string): number[] {
  const value = config.raw(key);
  const list = [value].flat(4);
  const valid = list.length > 0 && list.every((entry) => Number.isFinite(entry));
  return valid ? (list as number[]) : config.fail(key, `must be numbers, got ${show(value)}`);
}

/** Keras writes axis=None as null or as an empty list. */
function readStatisticsAxes(config: ConfigReader): number[] {
  const written = config.raw('axis');
  return written === null || (Array.isArray(written) && written.length === 0) ? [] : readAxes(config, 'axis', -1);
}

function readGiven(config: ConfigReader): NormalizationConfig['given'] {
  const isGiven = (key: string) => (config.raw(key) ?? null) !== null;
  if (!isGiven('mean') && !isGiven('variance')) return null;
  const variance = readStatistics(config, 'variance');
  if (variance.some((entry) => entry < 0)) config.fail('variance', 'must not be negative');
  return { mean: readStatistics(config, 'mean'), variance };
}

/** Extents of the axes along which the statistics vary. */
const statisticsShape = (axes: readonly number[], input: Shape): number[] =>
  resolveAxes(input, axes).map((axis) => knownExtent(input, axis - 1));

const zeros: Initializer = { kind: 'constant', value: 0 };
const ones: Initializer = { kind: 'constant', value: 1 };

export const normalization: LayerSpec<NormalizationConfig> = {
  classNames: ['Normalization'],
  parse: (config) => ({
    axes: readStatisticsAxes(config),
    given: readGiven(config),
    invert: config.boolean('invert', false),
  }),
  params({ axes, given }, inputs) {
    if (given !== null) return [];
    const shape = statisticsShape(axes, oneInput(inputs));
    return [
      { key: 'mean', shape, initializer: zeros, group: 'none' },
      { key: 'variance', shape, initializer: ones, group: 'none' },
      // Number of samples of the statistics; Keras keeps it for compatibility with older files.
      { key: 'count', shape: [], initializer: zeros, group: 'none' },
    ];
  },
  outputShape({ axes, given }, inputs) {
    const input = oneInput(inputs);
    if (given === null) return input;
    const size = statisticsShape(axes, input).reduce((product, extent) => product * extent, 1);
    for (const { length } of [given.mean, given.variance]) {
      if (length !== 1 && length !== size)
        return misfit(`has ${size} entries along axis ${axes} for ${length} statistics`);
    }
    return input;
  },
};
