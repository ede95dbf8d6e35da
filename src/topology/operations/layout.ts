/** Operations that give the same numbers another shape or order. */
import { misfit } from '../layers/misfit.ts';
import { axisOf, type Extent, type Extents, sampleAxes, showExtents } from './extents.ts';
import { type OperationSpec, readAxisList, readAxisNumber } from './operation-spec.ts';

const product = (extents: readonly Extent[]): number | null =>
  extents.reduce<number | null>(
    (size, extent) => (size === null || typeof extent !== 'number' ? null : size * extent),
    1,
  );

const expandDims: OperationSpec<{ readonly axes: readonly number[] }> = {
  operands: ['x'],
  parse: (config) => ({ axes: readAxisList(config) ?? config.fail('axis', 'is required') }),
  shape({ axes }, operands) {
    const x = operands.one('x');
    const rank = x.length + axes.length;
    const added = new Set(axes.map((axis) => axisOf(axis, rank)));
    const rest = [...x];
    return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as Extent)));
  },
};

/** The axes that `squeeze` takes away: those named, else all of extent 1. */
export function squeezedAxes(axes: readonly number[] | null, x: Extents): number[] {
  if (axes === null) return [...x.keys()].filter((axis) => x[axis] === 1);
  const positions = sampleAxes(axes, x);
  const wide = positions.find((axis) => x[axis] !== 1);
  return wide === undefined
    ? positions
    : misfit(`has the extent ${x[wide] ?? '?'} along axis ${wide}; only axes of extent 1 can be squeezed`);
}

const squeeze: OperationSpec<{ readonly axes: readonly number[] | null }> = {
  operands: ['x'],
  parse: (config) => ({ axes: readAxisList(config) }),
  shape({ axes }, operands) {
    const x = operands.one('x');
    const gone = squeezedAxes(axes, x);
    return x.filter((_, axis) => !gone.includes(axis));
  },
};

/** `newshape` with the batch axis: its first entry stands for the batch. */
const reshape: OperationSpec<{ readonly newshape: readonly number[] }> = {
  operands: ['x'],
  parse(config) {
    const value = config.raw('newshape');
    const list = Array.isArray(value) ? value.map((extent) => extent ?? -1) : undefined;
    const valid = list?.every((extent) => Number.isSafeInteger(extent) && (extent as number) >= -1);
    if (!list || !valid || list.length === 0)
      return config.fail('newshape', 'must list extents, -1 for those to be worked out');
    return { newshape: list as number[] };
  },
  shape({ newshape }, operands) {
    const [batch, ...rest] = operands.one('x');
    const [first, ...wanted] = newshape;
    const size = product(rest);
    const open = wanted.filter((extent) => extent === -1).length;
    if (batch !== 'n' || first !== -1 || open > 1)
      return misfit(
        `cannot be reshaped to [${newshape}]: the first extent must be -1, for the batch, with at most one other`,
      );
    const known = wanted.reduce((total, extent) => (extent === -1 ? total : total * extent), 1);
    if (size === null)
      return open === 0 && wanted.length > 0
        ? ['n', ...wanted]
        : ['n', ...wanted.map((extent) => (extent === -1 ? null : extent))];
    const missing = size / known;
    if (open === 1 ? !Number.isInteger(missing) : missing !== 1)
      return misfit(`has ${size} elements a sample, which do not fill [${newshape}]: samples would be mixed`);
    return ['n', ...wanted.map((extent) => (extent === -1 ? missing : extent))];
  },
};

const transpose: OperationSpec<{ readonly axes: readonly number[] | null }> = {
  operands: ['x'],
  parse: (config) => ({ axes: readAxisList(config, 'axes') }),
  shape({ axes }, operands) {
    const x = operands.one('x');
    const order = axes?.map((axis) => axisOf(axis, x.length)) ?? [...x.keys()].reverse();
    if (new Set(order).size !== x.length || order.length !== x.length)
      return misfit(`axes [${order}] are no permutation of ${x.length} axes`);
    return order.map((axis) => x[axis] as Extent);
  },
};

export interface SwapAttributes {
  readonly axis1: number;
  readonly axis2: number;
}

/** The order of axes after two of them are exchanged. */
export function swapOrder({ axis1, axis2 }: SwapAttributes, rank: number): number[] {
  const [a, b] = [axisOf(axis1, rank), axisOf(axis2, rank)];
  return Array.from({ length: rank }, (_, axis) => (axis === a ? b : axis === b ? a : axis));
}

const swapaxes: OperationSpec<SwapAttributes> = {
  operands: ['x'],
  parse: (config) => ({ axis1: readAxisNumber(config, 'axis1', 0), axis2: readAxisNumber(config, 'axis2', 0) }),
  shape(attributes, operands) {
    const x = operands.one('x');
    return swapOrder(attributes, x.length).map((axis) => x[axis] as Extent);
  },
};

const flip: OperationSpec<{ readonly axes: readonly number[] }> = {
  operands: ['x'],
  parse: (config) => ({
    axes: readAxisList(config) ?? config.fail('axis', 'must be given: without it the batch would be turned round'),
  }),
  shape({ axes }, operands) {
    sampleAxes(axes, operands.one('x'));
    return operands.one('x');
  },
};

const broadcastTo: OperationSpec<{ readonly target: readonly (number | null)[] }> = {
  operands: ['x'],
  parse(config) {
    const value = config.raw('shape');
    return { target: Array.isArray(value) ? (value as (number | null)[]) : config.fail('shape', 'must list extents') };
  },
  shape({ target }, operands) {
    const x = operands.one('x');
    if (target.length !== x.length) return misfit(`cannot be broadcast from ${showExtents(x)} to [${target}]`);
    return x.map((extent, axis) => {
      const wanted = target[axis] ?? null;
      if (extent === 'n') return wanted === null ? 'n' : misfit('is broadcast along the batch');
      return extent === 1 ? wanted : extent;
    });
  },
};

export const layout = {
  expand_dims: expandDims,
  squeeze,
  reshape,
  transpose,
  swapaxes,
  flip,
  broadcast_to: broadcastTo,
} as const satisfies Record<string, OperationSpec<unknown>>;
