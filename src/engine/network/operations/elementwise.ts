/**
 * Elementwise operations.
 *
 *   celu         max(x, 0) + min(alpha (exp(x / alpha) - 1), 0)              arXiv 1704.07483
 *   glu          a sigmoid(b), a and b the halves of an axis                  arXiv 1612.08083
 *   squareplus   (x + sqrt(x^2 + b)) / 2                                      arXiv 2112.11687
 *   hard_shrink  x where |x| > t, else 0;  soft_shrink  sign(x) max(|x| - t, 0)
 *   threshold    x where x > t, else v
 *
 * Comparisons and logic give 1 for true and 0 for false; their derivative is 0.
 */
import type { AxisAttribute, CastAttributes, Parameters } from '../../../topology/operations/elementwise.ts';
import { stopGradient } from '../../gradients/stop-gradient.ts';
import { logSoftmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import { withAxisLast } from '../layers/channels.ts';
import type { OperationForward } from './operation-forward.ts';

const binary =
  (op: (a: Tensor, b: Tensor) => Tensor): OperationForward<null> =>
  (_, operands) =>
    op(operands.one('x1'), operands.one('x2'));

const unary =
  (op: (x: Tensor) => Tensor): OperationForward<null> =>
  (_, operands) =>
    op(operands.one('x'));

const truth = (x: Tensor): Tensor => tf.cast(x, 'float32');
const comparison = (op: (a: Tensor, b: Tensor) => Tensor) => binary((a, b) => truth(op(a, b)));
const isTrue = (x: Tensor) => truth(tf.notEqual(x, 0));
const not = (x: Tensor) => truth(tf.equal(x, 0));

const parametric =
  (op: (x: Tensor, parameters: Parameters) => Tensor): OperationForward<Parameters> =>
  (parameters, operands) =>
    op(operands.one('x'), parameters);

/** x where `condition` holds (1), else `otherwise`. */
const choose = (condition: Tensor, x: Tensor, otherwise: Tensor | number): Tensor =>
  tf.where(tf.cast(condition, 'bool'), x, typeof otherwise === 'number' ? tf.fill(x.shape, otherwise) : otherwise);

const where: OperationForward<null> = (_, operands) => {
  const parts = ['condition', 'x1', 'x2'].map((name) => operands.one(name));
  const shape = parts.map((part) => tf.fill(part.shape, 0)).reduce((a, b) => tf.add(a, b)).shape;
  const [condition, x1, x2] = parts.map((part) => tf.add(part, tf.fill(shape, 0))) as [Tensor, Tensor, Tensor];
  return choose(isTrue(condition), x1, x2);
};

const clip: OperationForward<null> = (_, operands) =>
  tf.minimum(tf.maximum(operands.one('x'), operands.one('x_min')), operands.one('x_max'));

const celu = (x: Tensor, alpha: number) => tf.add(tf.relu(x), tf.mul(tf.elu(tf.div(tf.minimum(x, 0), alpha)), alpha));

const above = (x: Tensor, bound: number) => truth(tf.greater(x, bound));

const glu: OperationForward<AxisAttribute> = ({ axis }, operands) =>
  withAxisLast(operands.one('x'), axis, (x) => {
    const [a, b] = tf.split(x, 2, x.rank - 1) as [Tensor, Tensor];
    return tf.mul(a, tf.sigmoid(b));
  });

const logSoftmaxAlong: OperationForward<AxisAttribute> = ({ axis }, operands) =>
  withAxisLast(operands.one('x'), axis, logSoftmax);

const logarithm = (base: number) => unary((x) => tf.div(tf.log(x), Math.log(base)));

/** Whole numbers as TensorFlow takes them: towards zero. */
const cast: OperationForward<CastAttributes> = ({ to }, operands) => {
  const x = operands.one('x');
  if (to === 'float') return x;
  return to === 'integer' ? tf.mul(tf.sign(x), tf.floor(tf.abs(x))) : isTrue(x);
};

export const elementwise = {
  cast,
  add: binary((a, b) => tf.add(a, b)),
  subtract: binary((a, b) => tf.sub(a, b)),
  multiply: binary((a, b) => tf.mul(a, b)),
  divide: binary((a, b) => tf.div(a, b)),
  power: binary((a, b) => tf.pow(a, b)),
  maximum: binary((a, b) => tf.maximum(a, b)),
  minimum: binary((a, b) => tf.minimum(a, b)),
  squared_difference: binary((a, b) => tf.squaredDifference(a, b)),
  equal: comparison((a, b) => tf.equal(a, b)),
  not_equal: comparison((a, b) => tf.notEqual(a, b)),
  less: comparison((a, b) => tf.less(a, b)),
  less_equal: comparison((a, b) => tf.lessEqual(a, b)),
  greater: comparison((a, b) => tf.greater(a, b)),
  greater_equal: comparison((a, b) => tf.greaterEqual(a, b)),
  logical_and: binary((a, b) => tf.mul(isTrue(a), isTrue(b))),
  logical_or: binary((a, b) => tf.maximum(isTrue(a), isTrue(b))),
  logical_not: unary(not),
  where,
  clip,
  negative: unary((x) => tf.neg(x)),
  absolute: unary((x) => tf.abs(x)),
  exp: unary((x) => tf.exp(x)),
  expm1: unary((x) => tf.expm1(x)),
  log: unary((x) => tf.log(x)),
  log1p: unary((x) => tf.log1p(x)),
  log2: logarithm(2),
  log10: logarithm(10),
  sqrt: unary((x) => tf.sqrt(x)),
  rsqrt: unary((x) => tf.rsqrt(x)),
  square: unary((x) => tf.square(x)),
  reciprocal: unary((x) => tf.reciprocal(x)),
  sin: unary((x) => tf.sin(x)),
  cos: unary((x) => tf.cos(x)),
  erf: unary((x) => tf.erf(x)),
  identity: unary((x) => x),
  stop_gradient: unary(stopGradient),
  zeros_like: unary((x) => tf.fill(x.shape, 0)),
  ones_like: unary((x) => tf.fill(x.shape, 1)),
  celu: parametric((x, { alpha = 1 }) => celu(x, alpha)),
  threshold: parametric((x, { threshold = 0, default_value = 0 }) => choose(above(x, threshold), x, default_value)),
  hard_shrink: parametric((x, { threshold = 0 }) => tf.mul(x, above(tf.abs(x), threshold))),
  soft_shrink: parametric((x, { threshold = 0 }) =>
    tf.sub(tf.relu(tf.sub(x, threshold)), tf.relu(tf.sub(tf.neg(x), threshold))),
  ),
  squareplus: parametric((x, { b = 4 }) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 2)),
  log_softmax: logSoftmaxAlong,
  glu,
};
