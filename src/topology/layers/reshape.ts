/** Flatten, Reshape, Permute and RepeatVector: the same elements in another shape. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, oneInput, showShape } from './misfit.ts';
import { type DataFormat, readDataFormat } from './window.ts';

/** Product of the extents; null when one of them is unknown. */
function count(shape: Shape): number | null {
  return shape.reduce<number | null>((size, extent) => (size === null || extent === null ? null : size * extent), 1);
}

export const flatten: LayerSpec<{ readonly dataFormat: DataFormat }> = {
  classNames: ['Flatten'],
  parse: (config) => ({ dataFormat: readDataFormat(config) }),
  params: () => [],
  outputShape: (_config, inputs) => [count(oneInput(inputs))],
};

export interface ReshapeConfig {
  /** Target shape without the batch axis; one entry may be -1. */
  readonly target: readonly number[];
}

function readTarget(config: ConfigReader): number[] {
  const value = config.raw('target_shape');
  // tfjs writes an unknown extent as null.
  const list = Array.isArray(value) ? value.map((extent) => (extent === null ? -1 : extent)) : undefined;
  const valid = list?.every((extent) => Number.isSafeInteger(extent) && (extent === -1 || (extent as number) > 0));
  if (!list || !valid || list.filter((extent) => extent === -1).length > 1) {
    return config.fail('target_shape', `must list positive extents, at most one of them -1, got ${show(value)}`);
  }
  return list as number[];
}

export const reshape: LayerSpec<ReshapeConfig> = {
  classNames: ['Reshape'],
  parse: (config) => ({ target: readTarget(config) }),
  params: () => [],
  outputShape({ target }, inputs) {
    const input = oneInput(inputs);
    const size = count(input);
    const known = target.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
    if (size === null) return target.map((extent) => (extent === -1 ? null : extent));
    const rest = size / known;
    const fits = target.includes(-1) ? Number.isInteger(rest) : rest === 1;
    if (!fits) return misfit(`${showShape(input)} has ${size} elements, which do not fill target_shape [${target}]`);
    return target.map((extent) => (extent === -1 ? rest : extent));
  },
};

export interface PermuteConfig {
  /** For each output axis, the input axis; 1 is the first axis after the batch axis. */
  readonly dims: readonly number[];
}

function readDims(config: ConfigReader): number[] {
  const value = config.raw('dims');
  const sorted = Array.isArray(value) ? [...value].sort((a, b) => Number(a) - Number(b)) : [];
  if (sorted.length > 0 && sorted.every((axis, index) => axis === index + 1)) return value as number[];
  return config.fail('dims', `must be a permutation of 1 ... rank, got ${show(value)}`);
}

export const permute: LayerSpec<PermuteConfig> = {
  classNames: ['Permute'],
  parse: (config) => ({ dims: readDims(config) }),
  params: () => [],
  outputShape({ dims }, inputs) {
    const input = oneInput(inputs, dims.length);
    return dims.map((axis) => input[axis - 1] ?? null);
  },
};

export const repeatVector: LayerSpec<{ readonly times: number }> = {
  classNames: ['RepeatVector'],
  parse: (config) => ({ times: config.integer('n', undefined, { min: 1 }) }),
  params: () => [],
  outputShape({ times }, inputs) {
    return [times, ...oneInput(inputs, 1)];
  },
};
