/** Rows for kernels whose gradient is zero: they change nothing in the derivative of what surrounds them. */
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import { awayFromZero, type Draw, distinct, type Proof } from '../prove.ts';

const float = (x: Tensor) => tf.cast(x, 'float32');
const positive = (x: Tensor) => tf.greater(x, 0);

/** h = op(x) + sin(x): a constant beside something that has a derivative. */
const beside = (kernel: string, op: (x: Tensor) => Tensor, draw: Draw = awayFromZero): Proof => ({
  kernel,
  shapes: [[4, 5]],
  op: (x) => tf.add(float(op(x)), tf.sin(x)),
  draw,
});

export const constantProofs: readonly Proof[] = [
  beside('Equal', (x) => tf.equal(x, 0)),
  beside('NotEqual', (x) => tf.notEqual(x, 0)),
  beside('Greater', (x) => tf.greater(x, 0)),
  beside('GreaterEqual', (x) => tf.greaterEqual(x, 0)),
  beside('Less', (x) => tf.less(x, 0)),
  beside('LessEqual', (x) => tf.lessEqual(0, x)),
  beside('LogicalAnd', (x) => tf.logicalAnd(positive(x), positive(x))),
  beside('LogicalOr', (x) => tf.logicalOr(positive(x), positive(tf.neg(x)))),
  beside('LogicalNot', (x) => tf.logicalNot(positive(x))),
  beside('FloorDiv', (x) => tf.floorDiv(tf.add(x, tf.mul(tf.sign(x), 3)), 10)),
  beside('Sign', (x) => tf.sign(x)),
  beside('Step', (x) => tf.step(x, 0.5)),
  beside('Floor', (x) => tf.floor(tf.mul(x, 0.5))),
  beside('Ceil', (x) => tf.ceil(tf.mul(x, 0.5))),
  beside('Round', (x) => tf.round(tf.mul(x, 0.1))),
  beside('IsNan', (x) => tf.isNaN(x)),
  beside('IsInf', (x) => tf.isInf(x)),
  beside('IsFinite', (x) => tf.isFinite(x)),
  beside('ZerosLike', (x) => tf.zerosLike(x)),
  beside('OnesLike', (x) => tf.onesLike(x)),
  beside('ArgMax', (x) => tf.argMax(x, 0), distinct),
  beside('ArgMin', (x) => tf.argMin(x, 0), distinct),
  beside('OneHot', (x) => tf.oneHot(tf.cast(tf.argMax(x, 1), 'int32'), 5), distinct),
];
