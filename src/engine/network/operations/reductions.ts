/** Operations that reduce axes of a sample. variance and std divide by n; logsumexp subtracts the maximum first. */
import type { ReductionAttributes } from '../../../topology/operations/reductions.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { OperationForward } from './operation-forward.ts';

type Reduce = (x: Tensor, axes: number[], keepdims: boolean) => Tensor;

const positions = (axes: readonly number[] | null, rank: number): number[] =>
  (axes ?? Array.from({ length: rank }, (_, axis) => axis)).map((axis) => (axis < 0 ? axis + rank : axis));

const reduction =
  (reduce: Reduce): OperationForward<ReductionAttributes> =>
  ({ axes, keepdims }, operands) => {
    const x = operands.one('x');
    return reduce(x, positions(axes, x.rank), keepdims);
  };

const mean: Reduce = (x, axes, keepdims) => tf.mean(x, axes, keepdims);
const variance: Reduce = (x, axes, keepdims) => tf.mean(tf.square(tf.sub(x, tf.mean(x, axes, true))), axes, keepdims);

const logSumExp: Reduce = (x, axes, keepdims) => {
  const largest = tf.max(x, axes, true);
  const sum = tf.add(largest, tf.log(tf.sum(tf.exp(tf.sub(x, largest)), axes, true)));
  return keepdims ? sum : tf.sum(sum, axes);
};

/** Multiplies slice by slice, because Prod has no gradient rule and multiplication has one. */
const product: Reduce = (x, axes, keepdims) => {
  const reduced = axes.reduce((y, axis) => {
    const factors = tf.unstack(y, axis);
    return tf.expandDims(
      factors.reduce((a, b) => tf.mul(a, b)),
      axis,
    );
  }, x);
  return keepdims ? reduced : tf.sum(reduced, axes);
};

const truth = (x: Tensor) => tf.cast(tf.notEqual(x, 0), 'float32');

/** sum(x w) / sum(w); weights with one axis belong to the only reduced axis. */
const average: OperationForward<ReductionAttributes> = ({ axes, keepdims }, operands) => {
  const [x, weights] = [operands.one('x'), operands.maybe('weights')];
  const places = positions(axes, x.rank);
  if (weights === undefined) return tf.mean(x, places, keepdims);
  const along = x.shape.map((extent, axis) => (axis === places[0] ? extent : 1));
  const full = weights.rank === x.rank ? weights : tf.reshape(weights, along);
  return tf.div(tf.sum(tf.mul(x, full), places, keepdims), tf.sum(tf.add(full, tf.fill(x.shape, 0)), places, keepdims));
};

export const reductions = {
  mean: reduction(mean),
  sum: reduction((x, axes, keepdims) => tf.sum(x, axes, keepdims)),
  max: reduction((x, axes, keepdims) => tf.max(x, axes, keepdims)),
  min: reduction((x, axes, keepdims) => tf.min(x, axes, keepdims)),
  variance: reduction(variance),
  std: reduction((x, axes, keepdims) => tf.sqrt(variance(x, axes, keepdims))),
  prod: reduction(product),
  any: reduction((x, axes, keepdims) => tf.max(truth(x), axes, keepdims)),
  all: reduction((x, axes, keepdims) => tf.min(truth(x), axes, keepdims)),
  logsumexp: reduction(logSumExp),
  average,
};
