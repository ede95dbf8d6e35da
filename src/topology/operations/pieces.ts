/** Operations that put tensors together, cut them, and repeat or surround what they hold. */
import type { ConfigReader } from '../config-reader.ts';
import { misfit } from '../layers/misfit.ts';
import { axisOf, type Extent, type Extents, sampleAxes, showExtents } from './extents.ts';
import { atLeast, type OperationSpec, readAxisNumber, readIntegers } from './operation-spec.ts';

export interface AxisAttribute {
  readonly axis: number;
}

const concatenate: OperationSpec<AxisAttribute> = {
  operands: ['xs'],
  parse: (config) => ({ axis: readAxisNumber(config, 'axis', -1) }),
  shape({ axis }, operands) {
    const all = atLeast(operands.all('xs'), 1, 'xs');
    const first = all.find((extents) => extents.includes('n')) ?? (all[0] as Extents);
    const [position] = sampleAxes([axis], first) as [number];
    for (const other of all) {
      const agrees = other.every(
        (extent, at) => at === position || extent === first[at] || extent === null || first[at] === null,
      );
      if (other.length !== first.length || !agrees)
        return misfit(`${showExtents(first)} and ${showExtents(other)} differ beyond the axis ${axis}`);
    }
    const total = all.map((extents) => extents[position] as Extent);
    const sum = total.every((extent) => typeof extent === 'number')
      ? (total as number[]).reduce((a, b) => a + b)
      : null;
    return first.map((extent, at) => (at === position ? sum : extent));
  },
};

const stack: OperationSpec<AxisAttribute> = {
  operands: ['x'],
  parse: (config) => ({ axis: readAxisNumber(config, 'axis', 0) }),
  shape({ axis }, operands) {
    const all = atLeast(operands.all('x'), 1, 'x');
    const [first] = all as [Extents];
    const other = all.find((extents) => `${extents}` !== `${first}`);
    if (other) return misfit(`${showExtents(first)} and ${showExtents(other)} differ`);
    const position = axisOf(axis, first.length + 1);
    return [...first.slice(0, position), all.length, ...first.slice(position)];
  },
};

export interface SplitAttributes extends AxisAttribute {
  /** A number of equal parts, or the places at which parts begin. */
  readonly sections: number | readonly number[];
}

/** [begin, end] of every part along an axis of `extent`. */
export function splitParts(sections: SplitAttributes['sections'], extent: Extent): [number, number][] {
  if (typeof extent !== 'number') return misfit('must have a known extent along the axis that is split');
  if (typeof sections === 'number') {
    if (sections < 1 || extent % sections !== 0)
      return misfit(`has ${extent} entries, which are not ${sections} equal parts`);
    const size = extent / sections;
    return Array.from({ length: sections }, (_, part) => [part * size, (part + 1) * size]);
  }
  const places = [0, ...sections.map((place) => (place < 0 ? place + extent : Math.min(place, extent))), extent];
  const parts = places.slice(1).map((end, index): [number, number] => [places[index] as number, end]);
  return parts.every(([begin, end]) => end > begin)
    ? parts
    : misfit(`cannot be split at [${sections}]: a part would be empty`);
}

const splitExtents = ({ sections, axis }: SplitAttributes, x: Extents): Extents[] => {
  const [position] = sampleAxes([axis], x) as [number];
  return splitParts(sections, x[position] as Extent).map(([begin, end]) =>
    x.map((extent, at) => (at === position ? end - begin : extent)),
  );
};

const split: OperationSpec<SplitAttributes> = {
  operands: ['x'],
  parse(config) {
    const value = config.raw('indices_or_sections');
    const list = readIntegers(config, 'indices_or_sections');
    return { sections: Array.isArray(value) ? list : (list[0] as number), axis: readAxisNumber(config, 'axis', 0) };
  },
  shape: (attributes, operands) => splitExtents(attributes, operands.one('x'))[0] as Extents,
  furtherShapes: (attributes, operands) => splitExtents(attributes, operands.one('x')).slice(1),
};

export interface UnstackAttributes extends AxisAttribute {
  readonly count: number | null;
}

const unstackExtents = ({ axis, count }: UnstackAttributes, x: Extents): Extents[] => {
  const [position] = sampleAxes([axis], x) as [number];
  const extent = x[position];
  if (typeof extent !== 'number' || (count !== null && count !== extent))
    return misfit(`must have the known extent ${count ?? ''} along axis ${axis}`);
  return Array.from({ length: extent }, () => x.filter((_, at) => at !== position));
};

const unstack: OperationSpec<UnstackAttributes> = {
  operands: ['x'],
  parse: (config) => ({
    axis: readAxisNumber(config, 'axis', 0),
    count: (config.raw('num') ?? null) === null ? null : config.integer('num', undefined, { min: 1 }),
  }),
  shape: (attributes, operands) => unstackExtents(attributes, operands.one('x'))[0] as Extents,
  furtherShapes: (attributes, operands) => unstackExtents(attributes, operands.one('x')).slice(1),
};

export interface RepeatsAttribute {
  readonly repeats: readonly number[];
}

/** How often each axis is repeated, with as many entries as axes. */
export const tileCounts = (repeats: readonly number[], rank: number): number[] => [
  ...Array.from({ length: Math.max(0, rank - repeats.length) }, () => 1),
  ...repeats,
];

const tile: OperationSpec<RepeatsAttribute> = {
  operands: ['x'],
  parse: (config) => ({ repeats: readIntegers(config, 'repeats') }),
  shape({ repeats }, operands) {
    const x = operands.one('x');
    const counts = tileCounts(repeats, x.length);
    if (counts.length !== x.length || counts.some((count) => count < 1))
      return misfit(`cannot be tiled [${repeats}] times`);
    if (counts.some((count, axis) => count > 1 && x[axis] === 'n'))
      return misfit('is tiled along the batch: samples are not mixed');
    return x.map((extent, axis) =>
      typeof extent === 'number' ? extent * (counts[axis] as number) : counts[axis] === 1 ? extent : null,
    );
  },
};

const repeat: OperationSpec<AxisAttribute & { readonly repeats: number }> = {
  operands: ['x'],
  parse: (config) => ({
    repeats: config.integer('repeats', undefined, { min: 1, max: 1e6 }),
    axis:
      (config.raw('axis') ?? null) === null
        ? config.fail('axis', 'must be given: without it the batch would be flattened')
        : readAxisNumber(config, 'axis', 0),
  }),
  shape({ repeats, axis }, operands) {
    const x = operands.one('x');
    const [position] = sampleAxes([axis], x) as [number];
    return x.map((extent, at) => (at === position && typeof extent === 'number' ? extent * repeats : extent));
  },
};

export interface PadAttributes {
  readonly widths: readonly (readonly [number, number])[];
  readonly mode: 'constant' | 'reflect' | 'symmetric';
}

function readWidths(config: ConfigReader): [number, number][] {
  const value = config.raw('pad_width');
  const list = Array.isArray(value) ? value : undefined;
  const valid = list?.every(
    (pair) =>
      Array.isArray(pair) &&
      pair.length === 2 &&
      pair.every((width) => Number.isSafeInteger(width) && (width as number) >= 0),
  );
  return valid ? (list as [number, number][]) : config.fail('pad_width', 'must list [before, after] for every axis');
}

const pad: OperationSpec<PadAttributes> = {
  operands: ['x', 'constant_values'],
  parse: (config) => ({
    widths: readWidths(config),
    mode: config.oneOf('mode', ['constant', 'reflect', 'symmetric'], 'constant'),
  }),
  shape({ widths }, operands) {
    const x = operands.one('x');
    const all = widths.length === 1 ? x.map(() => widths[0] as [number, number]) : widths;
    if (all.length !== x.length) return misfit(`has ${x.length} axes for ${all.length} pairs of pad_width`);
    return x.map((extent, axis) => {
      const [before, after] = all[axis] as [number, number];
      if (before + after > 0 && extent === 'n') return misfit('is padded along the batch: samples are not mixed');
      return typeof extent === 'number' ? extent + before + after : extent;
    });
  },
};

export const pieces = {
  concatenate,
  stack,
  split,
  unstack,
  tile,
  repeat,
  pad,
} as const satisfies Record<string, OperationSpec<unknown>>;
