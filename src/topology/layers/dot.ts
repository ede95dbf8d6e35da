/** Dot: contraction of one axis of each of two inputs, per sample. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { resolveAxis } from './axes.ts';
import { misfit, showShape } from './misfit.ts';

export interface DotConfig {
  /** Contracted axis of the first and the second input, as configured. */
  readonly axes: readonly [number, number];
  /** True: vectors along the contracted axis are first scaled to length 1 (cosine similarity). */
  readonly normalize: boolean;
}

function readPair(config: ConfigReader): [number, number] {
  const value = config.raw('axes');
  const pair = Array.isArray(value) ? value : [value, value];
  const valid = pair.length === 2 && pair.every((axis) => Number.isSafeInteger(axis) && axis !== 0);
  return valid
    ? (pair as [number, number])
    : config.fail('axes', `must be one axis or two, not the batch axis, got ${show(value)}`);
}

/** Both inputs, with 2 or 3 axes including the batch axis. */
function operands(inputs: readonly Shape[]): [Shape, Shape] {
  const [a, b] = inputs;
  if (a === undefined || b === undefined || inputs.length !== 2)
    return misfit(`must be 2 tensors, got ${inputs.length}`);
  const wrong = [a, b].find((shape) => shape.length < 1 || shape.length > 2);
  return wrong ? misfit(`must have 2 or 3 axes (batch first), got ${showShape(wrong)}`) : [a, b];
}

export const dot: LayerSpec<DotConfig> = {
  classNames: ['Dot'],
  parse: (config) => ({ axes: readPair(config), normalize: config.boolean('normalize', false) }),
  params: () => [],
  outputShape({ axes }, inputs) {
    const [a, b] = operands(inputs);
    const [i, j] = [resolveAxis(a, axes[0]) - 1, resolveAxis(b, axes[1]) - 1];
    const [m, n] = [a[i] ?? null, b[j] ?? null];
    if (m !== n && m !== null && n !== null) {
      return misfit(`shapes ${showShape(a)} and ${showShape(b)} differ along the contracted axes (${m} and ${n})`);
    }
    const rest = [...a.filter((_, axis) => axis !== i), ...b.filter((_, axis) => axis !== j)];
    return rest.length === 0 ? [1] : rest;
  },
};
