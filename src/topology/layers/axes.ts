/** Axes in configurations: the batch axis is 0, negative axes count from the end; one number or a list. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { Shape } from '../topology.ts';
import { misfit, showShape } from './misfit.ts';

/** The configured numbers; `resolveAxis` converts them to positions when the rank is known. */
export function readAxes(config: ConfigReader, key: string, fallback: number): number[] {
  const value = config.raw(key) ?? fallback;
  const list = Array.isArray(value) ? value : [value];
  const valid = list.length > 0 && list.every((axis) => Number.isSafeInteger(axis) && axis !== 0);
  return valid
    ? (list as number[])
    : config.fail(key, `must be an axis other than the batch axis 0, got ${show(value)}`);
}

/** A single axis, as a number or a list of one. */
export function readAxis(config: ConfigReader, key: string, fallback: number): number {
  const [axis, second] = readAxes(config, key, fallback);
  return axis === undefined || second !== undefined ? config.fail(key, 'must be one axis') : axis;
}

/** Position in a batched tensor, 1 ... rank - 1, of the axis `axis` of an unbatched shape. */
export function resolveAxis(shape: Shape, axis: number): number {
  const position = axis < 0 ? axis + shape.length + 1 : axis;
  return position >= 1 && position <= shape.length ? position : misfit(`has no axis ${axis} in ${showShape(shape)}`);
}

/** Positions of several distinct axes, ascending. */
export function resolveAxes(shape: Shape, axes: readonly number[]): number[] {
  const positions = axes.map((axis) => resolveAxis(shape, axis)).sort((a, b) => a - b);
  return new Set(positions).size === positions.length ? positions : misfit(`has the axes [${axes}] twice`);
}
