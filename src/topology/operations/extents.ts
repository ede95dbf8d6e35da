/** Shapes of operands with the batch axis: constants have none, and operations may touch every axis. */
import { misfit } from '../layers/misfit.ts';
import type { Shape } from '../topology.ts';

/** 'n' is the batch, null an extent that only the data decides. */
export type Extent = number | 'n' | null;
export type Extents = readonly Extent[];

export const withBatch = (shape: Shape): Extents => ['n', ...shape];

export const showExtents = (extents: Extents): string => `[${extents.map((extent) => extent ?? '?').join(', ')}]`;

/** The shape without the batch axis. Throws LAYER_INVALID where the batch is no longer the first axis, and only that. */
export function withoutBatch(extents: Extents): Shape {
  const [first, ...rest] = extents;
  if (first !== 'n' || rest.includes('n'))
    return misfit(`would give ${showExtents(extents)}; the batch must stay the first axis: samples are not mixed`);
  return rest as Shape;
}

function broadcastExtent(a: Extent, b: Extent, all: readonly Extents[]): Extent {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (a === 'n' || b === 'n')
    return misfit(`${all.map(showExtents).join(' and ')} do not broadcast: the batch meets another axis`);
  if (a === null || b === null) return a ?? b;
  return misfit(`${all.map(showExtents).join(' and ')} do not broadcast together`);
}

/** As numpy broadcasts: aligned at the last axis. */
export function broadcastExtents(...all: readonly Extents[]): Extents {
  const rank = Math.max(0, ...all.map(({ length }) => length));
  const padded = all.map((extents): Extents => [...Array.from({ length: rank - extents.length }, () => 1), ...extents]);
  return Array.from({ length: rank }, (_, axis) =>
    padded.map((extents) => extents[axis] as Extent).reduce((a, b) => broadcastExtent(a, b, all)),
  );
}

/** Position of an axis that may count from the end. Throws LAYER_INVALID. */
export function axisOf(axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis;
  return position >= 0 && position < rank ? position : misfit(`has no axis ${axis}; it has ${rank} axes`);
}

/** Positions of different axes that are not the batch's. Throws LAYER_INVALID. */
export function sampleAxes(axes: readonly number[], extents: Extents): number[] {
  const positions = axes.map((axis) => axisOf(axis, extents.length));
  if (positions.some((position) => extents[position] === 'n'))
    return misfit('runs over the batch axis: samples are not mixed; give the axes of a sample');
  return new Set(positions).size === positions.length ? positions : misfit(`has the axes [${axes}] twice`);
}
