/**
 * Reductions and order.
 *
 *   var        sum (x - mean)^2 / (n - correction), correction 1 unless said
 *   max, min   values and places; the derivative goes to the first place that holds the extreme (amax, amin: evenly to all)
 *   sort, topk the order is that of the values at hand and is not differentiated
 */
import { stopGradient } from '../../gradients/stop-gradient.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asBool, asFloat, asInt, axesOf, axisOf, castValue, cut, wholeOrFloat } from './common.ts';
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
function inOrder(x: Tensor, axis: number, count: number | null, descending: boolean): [values: Tensor, places: Tensor] {
  const fixed = asFloat(stopGradient(x));
  const last = x.rank - 1;
  const order = x.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
  const isLast = axis === last;
  const along = isLast ? fixed : tf.transpose(fixed, order);
  const { indices } = tf.topk(descending ? along : tf.neg(along), count ?? (x.shape[axis] as number), true);
  const places = isLast ? indices : tf.transpose(indices, order);
  return [takeAlong(x, axis, places), places];
}

function ordered(
  args: Operands,
  count: number | null,
  descending: boolean,
  dim?: number,
): [values: Value, places: Value] {
  const x = args.tensor('self');
  const [values, places] = inOrder(x, axisOf(dim ?? args.int('dim'), x.rank), count, descending);
  return [Value.of(values), Value.of(places)];
}

/** The k-th smallest along an axis (from 1), and its place. */
function ranked(args: Operands, rank: (extent: number) => number): [Value, Value] {
  const { shape } = args.value('self');
  const axis = axisOf(args.int('dim'), shape.length);
  const at = rank(shape[axis] as number) - 1;
  const pick = (x: Value) => {
    const one = cut(x.tensor, axis, at, at + 1);
    return Value.of(args.flag('keepdim') ? one : tf.squeeze(one, [axis]));
  };
  const [values, places] = ordered(args, null, false);
  return [pick(values), pick(places)];
}

/** Of an even number the smaller one of the middle. */
const middle = (extent: number) => Math.floor((extent + 1) / 2);

function median(args: Operands): Value {
  const flat = tf.reshape(args.tensor('self'), [-1]);
  const { indices } = tf.topk(tf.neg(asFloat(stopGradient(flat))), middle(flat.size), true);
  return Value.of(tf.reshape(takeAlong(flat, 0, cut(indices, 0, indices.size - 1, indices.size)), []));
}

const rounders: Readonly<Record<string, (place: number) => number>> = {
  lower: Math.floor,
  higher: Math.ceil,
  nearest: (place) => (Math.abs(place % 1) === 0.5 ? 2 * Math.round(place / 2) : Math.round(place)),
};

/** The elements at q (n - 1) of the order along an axis, or what lies between two of them. */
function quantile(args: Operands): Value {
  const x = args.value('self');
  const isWhole = !args.has('dim');
  const q = args.operand('q');
  if (typeof q !== 'number') args.fail('has a tensor of quantiles; give one number for each call');
  const source = isWhole ? Value.of(tf.reshape(x.tensor, [-1])) : x;
  const axis = isWhole ? 0 : axisOf(args.int('dim'), x.rank);
  const extent = source.shape[axis] as number;
  const place = (q as number) * (extent - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  const sorted = inOrder(source.tensor, axis, null, false)[0];
  const at = (index: number) => cut(sorted, axis, index, index + 1);
  const mode = args.text('interpolation');
  const between = mode === 'midpoint' ? 0.5 : place - low;
  const round = Object.hasOwn(rounders, mode) ? rounders[mode] : undefined;
  const value = round ? at(round(place)) : tf.add(tf.mul(at(low), 1 - between), tf.mul(at(high), between));
  if (!args.flag('keepdim')) return Value.of(tf.squeeze(value, [axis]));
  return isWhole
    ? Value.of(
        tf.reshape(
          value,
          x.shape.map(() => 1),
        ),
      )
    : Value.of(value);
}

/** What is a number. */
const counted = (x: Tensor) => asFloat(tf.logicalNot(tf.isNaN(x)));
const withoutNaN = (x: Tensor) => tf.where(tf.isNaN(x), tf.zerosLike(x), x);
const nanSum: Reduce = (x, axes, keep) => tf.sum(withoutNaN(x), axes, keep);
const nanMean: Reduce = (x, axes, keep) => tf.div(nanSum(x, axes, keep), tf.sum(counted(x), axes, keep));

const largest: Reduce = (x, axes, keep) => tf.max(x, axes, keep);
const smallest: Reduce = (x, axes, keep) => tf.min(x, axes, keep);

/** Norms of vectors, and of matrices those that are norms of their elements. */
const elementNorm: Operation = (args, context) => {
  const order = args.maybeText('ord');
  const isMatrix = args.ints('dim')?.length === 2 || (!args.has('dim') && args.value('self').rank === 2);
  const isElementwise = order === 'fro' || !args.has('ord') || (order === undefined && !isMatrix);
  if (!isElementwise) args.fail(`takes the norm ${String(order ?? args.number('ord'))} of a matrix; "fro" is read`);
  return reduction(vectorNorm(order === undefined ? (args.maybeNumber('ord') ?? 2) : 2))(args, context);
};

export const reductions: Operations = {
  sum: reduction(sum, wholeOrFloat),
  mean: reduction(mean),
  prod: reduction(product, wholeOrFloat),
  nansum: reduction(nanSum),
  nanmean: reduction(nanMean),
  count_nonzero: reduction(
    (x, axes, keep) => tf.sum(x, axes, keep),
    (x) => asInt(asBool(x)),
  ),
  amax: reduction(largest, wholeOrFloat),
  amin: reduction(smallest, wholeOrFloat),
  aminmax: (args, context) => [
    reduction(smallest, wholeOrFloat)(args, context) as Value,
    reduction(largest, wholeOrFloat)(args, context) as Value,
  ],
  max: reduction(largest, wholeOrFloat),
  min: reduction(smallest, wholeOrFloat),
  median,
  'median.dim': (args) => ranked(args, middle),
  quantile,
  kthvalue: (args) => ranked(args, () => args.int('k')),
  linalg_norm: elementNorm,
  linalg_matrix_norm: elementNorm,
  frobenius_norm: elementNorm,
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
  sort: (args) => ordered(args, null, args.flag('descending')),
  argsort: (args) => ordered(args, null, args.flag('descending'))[1],
  msort: (args) => ordered(args, null, false, 0)[0],
  topk: (args) => ordered(args, args.int('k'), args.flag('largest')),
};
