/**
 * Reductions, scans and order.
 *
 *   var        sum (x - mean)^2 / (n - correction), correction 1 unless said
 *   max, min   values and places; the derivative goes to the first place that holds the extreme (amax, amin: evenly to all)
 *   sort, topk the order is that of the values at hand and is not differentiated
 */
import { stopGradient } from '../../gradients/stop-gradient.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asBool, asFloat, asInt, axesOf, axisOf, castValue, cut } from './common.ts';
import { takeAlong } from './indexing.ts';
import { axisInLast, Value } from './value.ts';

type Reduce = (x: Tensor, axes: number[], keep: boolean) => Tensor;

/** Reduces in the layout that the value has, where the result is the same. */
function reduced(x: Value, axes: number[], keep: boolean, run: Reduce): Value {
  const isSpatial = x.isLast && (keep || axes.every((axis) => axis >= 2)) && (keep || axes.length === x.rank - 2);
  if (!isSpatial) return Value.of(run(x.tensor, axes, keep));
  const y = run(
    x.last,
    axes.map((axis) => axisInLast(axis, x.rank)).sort((a, b) => a - b),
    keep,
  );
  return keep ? Value.ofLast(y) : Value.of(y);
}

const reduction =
  (run: Reduce, convert: (x: Tensor) => Tensor = asFloat): Operation =>
  (args) => {
    const x = args.value('self');
    if (x.rank === 0) return Value.of(tf.reshape(run(tf.reshape(convert(x.tensor), [1]), [0], false), []));
    const y = reduced(x, axesOf(args.ints('dim'), x.rank), args.flag('keepdim'), (t, axes, keep) =>
      run(convert(t), axes, keep),
    );
    return castValue(y, args.dtype('dtype'));
  };

const sum: Reduce = (x, axes, keep) => tf.sum(x, axes, keep);
const mean: Reduce = (x, axes, keep) => tf.mean(x, axes, keep);

/** Whole numbers add up to whole numbers. */
const wholeOrFloat = (x: Tensor) => (x.dtype === 'bool' ? asInt(x) : x);

function correctionOf(args: Operands): number {
  const correction = args.maybeNumber('correction');
  if (correction !== undefined) return correction;
  return args.flag('unbiased') ? 1 : 0;
}

const variance =
  (correction: number): Reduce =>
  (x, axes, keep) => {
    const count = axes.reduce((size, axis) => size * (x.shape[axis] as number), 1);
    const squares = tf.square(tf.sub(x, tf.mean(x, axes, true)));
    return tf.div(tf.sum(squares, axes, keep), Math.max(count - correction, 0));
  };

const deviation =
  (correction: number): Reduce =>
  (x, axes, keep) =>
    tf.sqrt(variance(correction)(x, axes, keep));

const withCorrection =
  (kind: (correction: number) => Reduce): Operation =>
  (args, context) =>
    reduction(kind(correctionOf(args)))(args, context);

const withMean =
  (kind: (correction: number) => Reduce): Operation =>
  (args, context) => [withCorrection(kind)(args, context) as Value, reduction(mean)(args, context) as Value];

const logSumExp: Reduce = (x, axes, keep) => {
  const largest = stopGradient(tf.max(stopGradient(x), axes, true));
  const sums = tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, largest)), axes, true)), largest);
  return keep ? sums : tf.sum(sums, axes);
};

/** Slice by slice: a product has no rule of its own, multiplication has. */
const product: Reduce = (x, axes, keep) => {
  const whole = axes.reduce((y, axis) => {
    const factors = tf.unstack(y, axis);
    return tf.expandDims(
      factors.reduce((a, b) => tf.mul(a, b)),
      axis,
    );
  }, x);
  return keep ? whole : tf.sum(whole, axes);
};

const vectorNorm =
  (order: number): Reduce =>
  (x, axes, keep) => {
    if (order === 2) return tf.sqrt(tf.sum(tf.square(x), axes, keep));
    if (order === 1) return tf.sum(tf.abs(x), axes, keep);
    if (order === Infinity) return tf.max(tf.abs(x), axes, keep);
    if (order === -Infinity) return tf.min(tf.abs(x), axes, keep);
    if (order === 0) return tf.sum(asFloat(tf.notEqual(x, 0)), axes, keep);
    return tf.pow(tf.sum(tf.pow(tf.abs(x), tf.scalar(order)), axes, keep), tf.scalar(1 / order));
  };

const norm =
  (name: string): Operation =>
  (args, context) =>
    reduction(vectorNorm(args.maybeNumber(name) ?? 2))(args, context);

const truth = (x: Tensor) => asInt(asBool(x));
const asTruth =
  (run: Reduce): Operation =>
  (args, context) =>
    castValue(reduction(run, (x) => asFloat(truth(x)))(args, context) as Value, 'bool');

const place =
  (run: (x: Tensor, axis: number) => Tensor) =>
  (args: Operands): Value => {
    const x = args.value('self');
    const axis = args.maybeInt('dim');
    const source = stopGradient(asFloat(x.tensor));
    if (axis === undefined) return Value.of(run(tf.reshape(source, [-1]), 0));
    const at = axisOf(axis, x.rank);
    const places = run(source, at);
    return Value.of(args.flag('keepdim') ? tf.expandDims(places, at) : places);
  };

const argMax = place((x, axis) => tf.argMax(x, axis));
const argMin = place((x, axis) => tf.argMin(x, axis));

/** Values and places along an axis. */
const extreme =
  (find: (x: Tensor, axis: number) => Tensor): Operation =>
  (args) => {
    const x = args.tensor('self');
    const axis = axisOf(args.int('dim'), x.rank);
    const places = tf.expandDims(find(stopGradient(asFloat(x)), axis), axis);
    const values = takeAlong(x, axis, places);
    const shaped = (y: Tensor) => (args.flag('keepdim') ? y : tf.squeeze(y, [axis]));
    return [Value.of(shaped(values)), Value.of(shaped(places))];
  };

/** The first `count` places of an axis in the order of the values. */
function ordered(args: Operands, count: number | null, descending: boolean): [values: Value, places: Value] {
  const x = args.tensor('self');
  const axis = axisOf(args.int('dim'), x.rank);
  const fixed = asFloat(stopGradient(x));
  const last = x.rank - 1;
  const order = x.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
  const isLast = axis === last;
  const along = isLast ? fixed : tf.transpose(fixed, order);
  const { indices } = tf.topk(descending ? along : tf.neg(along), count ?? (x.shape[axis] as number), true);
  const places = isLast ? indices : tf.transpose(indices, order);
  return [Value.of(takeAlong(x, axis, places)), Value.of(places)];
}

function diff(args: Operands): Value {
  const x = args.value('self');
  const axis = axisOf(args.int('dim'), x.rank);
  const parts = ['prepend', null, 'append'].flatMap((name) => {
    if (name === null) return [wholeOrFloat(x.tensor)];
    const part = args.maybe(name);
    return part ? [wholeOrFloat(part.tensor)] : [];
  });
  let y = parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, axis);
  for (let step = 0; step < args.int('n'); step++) {
    const extent = y.shape[axis] as number;
    y = tf.sub(cut(y, axis, 1, extent), cut(y, axis, 0, extent - 1));
  }
  return Value.of(y);
}

/** Sums of everything up to each place. */
function cumulative(args: Operands): Value {
  const x = args.value('self');
  const tensor = wholeOrFloat(x.tensor);
  if (x.rank === 0) return Value.of(tensor);
  return castValue(Value.of(tf.cumsum(tensor, axisOf(args.int('dim'), x.rank))), args.dtype('dtype'));
}

export const reductions: Operations = {
  sum: reduction(sum, wholeOrFloat),
  mean: reduction(mean),
  prod: reduction(product, wholeOrFloat),
  amax: reduction((x, axes, keep) => tf.max(x, axes, keep), wholeOrFloat),
  amin: reduction((x, axes, keep) => tf.min(x, axes, keep), wholeOrFloat),
  max: reduction((x, axes, keep) => tf.max(x, axes, keep), wholeOrFloat),
  min: reduction((x, axes, keep) => tf.min(x, axes, keep), wholeOrFloat),
  'max.dim': extreme((x, axis) => tf.argMax(x, axis)),
  'min.dim': extreme((x, axis) => tf.argMin(x, axis)),
  argmax: argMax,
  argmin: argMin,
  var: withCorrection(variance),
  std: withCorrection(deviation),
  var_mean: withMean(variance),
  std_mean: withMean(deviation),
  logsumexp: reduction(logSumExp),
  norm: norm('p'),
  linalg_vector_norm: norm('ord'),
  any: asTruth((x, axes, keep) => tf.max(x, axes, keep)),
  all: asTruth((x, axes, keep) => tf.min(x, axes, keep)),
  cumsum: cumulative,
  diff,
  sort: (args) => ordered(args, null, args.flag('descending')),
  argsort: (args) => ordered(args, null, args.flag('descending'))[1],
  topk: (args) => ordered(args, args.int('k'), args.flag('largest')),
};
