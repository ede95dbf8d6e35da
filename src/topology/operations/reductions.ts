/** Operations that reduce axes of a sample: sums, means, extremes, spreads. */
import { broadcastExtents, type Extents, sampleAxes } from './extents.ts';
import { type OperationSpec, readAxisList } from './operation-spec.ts';

export interface ReductionAttributes {
  /** null: all axes, which would mix the batch and is refused. */
  readonly axes: readonly number[] | null;
  readonly keepdims: boolean;
}

/** The axes that go, of which the batch must be none. */
export function reduceExtents(x: Extents, { axes, keepdims }: ReductionAttributes): Extents {
  const positions = sampleAxes(axes ?? [...x.keys()], x);
  const kept = x.map((extent, axis) => (positions.includes(axis) ? 1 : extent));
  return keepdims ? kept : kept.filter((_, axis) => !positions.includes(axis));
}

const reduction: OperationSpec<ReductionAttributes> = {
  operands: ['x'],
  parse: (config) => ({ axes: readAxisList(config), keepdims: config.boolean('keepdims', false) }),
  shape: (attributes, operands) => reduceExtents(operands.one('x'), attributes),
};

/** sum(x w) / sum(w), the mean without weights. */
const average: OperationSpec<ReductionAttributes> = {
  ...reduction,
  operands: ['x', 'weights'],
  parse: (config) => ({ axes: readAxisList(config), keepdims: config.boolean('keepdims', false) }),
  shape(attributes, operands) {
    const weights = operands.maybe('weights');
    const x = operands.one('x');
    return reduceExtents(weights && weights.length === x.length ? broadcastExtents(x, weights) : x, attributes);
  },
};

export const reductions = {
  mean: reduction,
  sum: reduction,
  max: reduction,
  min: reduction,
  variance: reduction,
  std: reduction,
  prod: reduction,
  any: reduction,
  all: reduction,
  logsumexp: reduction,
  average,
} as const satisfies Record<string, OperationSpec<unknown>>;
