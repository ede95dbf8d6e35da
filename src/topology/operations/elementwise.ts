/** Operations element by element: arithmetic, comparisons (1 where true, else 0), functions of one argument with and without parameters. */

import type { ConfigReader } from '../config-reader.ts';
import { misfit } from '../layers/misfit.ts';
import { broadcastExtents, sampleAxes, showExtents } from './extents.ts';
import { type OperationSpec, readAxisNumber } from './operation-spec.ts';

const binary: OperationSpec<null> = {
  operands: ['x1', 'x2'],
  parse: () => null,
  shape: (_, operands) => broadcastExtents(operands.one('x1'), operands.one('x2')),
};

const unary: OperationSpec<null> = {
  operands: ['x'],
  parse: () => null,
  shape: (_, operands) => operands.one('x'),
};

export interface Parameters {
  readonly [name: string]: number;
}

/** A function of one argument with numbers as parameters; each with its default, null where it must be given. */
const parametric = (defaults: Readonly<Record<string, number | null>>): OperationSpec<Parameters> => ({
  operands: ['x'],
  shape: (_, operands) => operands.one('x'),
  parse: (config) =>
    Object.fromEntries(
      Object.entries(defaults).map(([key, fallback]) => [key, config.number(key, fallback ?? undefined)]),
    ),
});

export interface AxisAttribute {
  readonly axis: number;
}

/** A function along one axis of a sample. */
const alongAxis: OperationSpec<AxisAttribute> = {
  operands: ['x'],
  parse: (config) => ({ axis: readAxisNumber(config, 'axis', -1) }),
  shape({ axis }, operands) {
    sampleAxes([axis], operands.one('x'));
    return operands.one('x');
  },
};

/** a * sigmoid(b), the two halves of an axis. */
const glu: OperationSpec<AxisAttribute> = {
  ...alongAxis,
  shape({ axis }, operands) {
    const x = operands.one('x');
    const [position] = sampleAxes([axis], x) as [number];
    const extent = x[position] ?? null;
    if (typeof extent === 'number' && extent % 2 !== 0)
      return misfit(`has ${extent} entries along axis ${axis}, which are not two halves`);
    return x.map((entry, at) => (at === position && typeof extent === 'number' ? extent / 2 : entry));
  },
};

const where: OperationSpec<null> = {
  operands: ['condition', 'x1', 'x2'],
  parse: () => null,
  shape: (_, operands) => broadcastExtents(...['condition', 'x1', 'x2'].map((name) => operands.one(name))),
};

const clip: OperationSpec<null> = {
  operands: ['x', 'x_min', 'x_max'],
  parse: () => null,
  shape(_, operands) {
    const x = operands.one('x');
    const all = broadcastExtents(x, operands.one('x_min'), operands.one('x_max'));
    return all.length === x.length ? all : misfit(`has bounds of more axes than ${showExtents(x)}`);
  },
};

export interface CastAttributes {
  readonly to: 'float' | 'integer' | 'boolean';
}

/** To numbers of another kind; all are computed with as float32. */
const cast: OperationSpec<CastAttributes> = {
  operands: ['x'],
  parse: (config) => ({ to: kindOf(config, config.string('to')) }),
  shape: (_, operands) => operands.one('x'),
};

function kindOf(config: ConfigReader, dtype: string): CastAttributes['to'] {
  if (/^(b?float|half|double)/.test(dtype)) return 'float';
  if (/^u?int/.test(dtype)) return 'integer';
  return dtype === 'bool' ? 'boolean' : config.fail('dtype', `must be a type of numbers, got ${dtype}`);
}

export const elementwise = {
  cast,
  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  power: binary,
  maximum: binary,
  minimum: binary,
  squared_difference: binary,
  equal: binary,
  not_equal: binary,
  less: binary,
  less_equal: binary,
  greater: binary,
  greater_equal: binary,
  logical_and: binary,
  logical_or: binary,
  logical_not: unary,
  where,
  clip,
  negative: unary,
  absolute: unary,
  exp: unary,
  expm1: unary,
  log: unary,
  log1p: unary,
  log2: unary,
  log10: unary,
  sqrt: unary,
  rsqrt: unary,
  square: unary,
  reciprocal: unary,
  sin: unary,
  cos: unary,
  erf: unary,
  identity: unary,
  stop_gradient: unary,
  zeros_like: unary,
  ones_like: unary,
  celu: parametric({ alpha: 1 }),
  threshold: parametric({ threshold: null, default_value: null }),
  hard_shrink: parametric({ threshold: 0.5 }),
  soft_shrink: parametric({ threshold: 0.5 }),
  squareplus: parametric({ b: 4 }),
  log_softmax: alongAxis,
  glu,
} as const satisfies Record<string, OperationSpec<unknown>>;
