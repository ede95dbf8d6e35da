/** Comparisons, logic of truth values, and choices by them. */
import { type Tensor, tf } from '../../tf.ts';
import type { Operation, Operations } from './arguments.ts';
import { asBool, asInt, asValue, broadcast, broadcastShape, castValue, commonDtype, stretch } from './common.ts';
import { type Binary, binary, float, pairOf } from './elementwise.ts';
import { Value } from './value.ts';

const logical =
  (run: Binary): Operation =>
  (args) =>
    broadcast(pairOf(args), 'bool', run);

/** Of truth values. */
const bitwise =
  (run: Binary): Operation =>
  (args, context) => {
    if (commonDtype(pairOf(args)) !== 'bool')
      args.fail('acts on the bits of whole numbers; only truth values are read');
    return logical(run)(args, context);
  };

const exclusiveOr = (a: Tensor, b: Tensor) => tf.notEqual(asInt(a), asInt(b));

function select(condition: Value, chosen: Value | number, other: Value | number): Value {
  const dtype = commonDtype([chosen, other]);
  const operands = [chosen, other].map((operand) => asValue(operand, dtype));
  const shaped = broadcastShape([condition, ...operands].map((value) => value.shape));
  const [test, yes, no] = [castValue(condition, 'bool'), ...operands].map((value) => stretch(value.tensor, shaped)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  if (dtype !== 'float32') return castValue(Value.of(tf.where(test, asInt(yes), asInt(no))), dtype);
  return Value.of(tf.where(test, yes, no));
}

export const logic: Operations = {
  isnan: float((x) => tf.isNaN(x)),
  isinf: float((x) => tf.isInf(x)),
  isfinite: float((x) => tf.isFinite(x)),
  isposinf: float((x) => tf.logicalAnd(tf.isInf(x), tf.greater(x, 0))),
  isneginf: float((x) => tf.logicalAnd(tf.isInf(x), tf.less(x, 0))),
  signbit: float((x) => tf.less(x, 0)),
  isclose(args) {
    const [absolute, relative] = [args.number('atol'), args.number('rtol')];
    return broadcast(pairOf(args), 'float32', (a, b) =>
      tf.lessEqual(tf.abs(tf.sub(a, b)), tf.add(tf.mul(tf.abs(b), relative), absolute)),
    );
  },
  eq: binary((a, b) => tf.equal(a, b)),
  ne: binary((a, b) => tf.notEqual(a, b)),
  lt: binary((a, b) => tf.less(a, b)),
  le: binary((a, b) => tf.lessEqual(a, b)),
  gt: binary((a, b) => tf.greater(a, b)),
  ge: binary((a, b) => tf.greaterEqual(a, b)),
  logical_not: (args) => args.value('self').map((x) => tf.logicalNot(asBool(x))),
  logical_and: logical((a, b) => tf.logicalAnd(a, b)),
  logical_or: logical((a, b) => tf.logicalOr(a, b)),
  logical_xor: logical(exclusiveOr),
  bitwise_not(args) {
    const x = args.value('self');
    return x.dtype === 'bool' ? x.map((y) => tf.logicalNot(y)) : x.map((y) => tf.sub(-1, y)); // -x - 1
  },
  bitwise_and: bitwise((a, b) => tf.logicalAnd(a, b)),
  bitwise_or: bitwise((a, b) => tf.logicalOr(a, b)),
  bitwise_xor: bitwise(exclusiveOr),
  __and__: bitwise((a, b) => tf.logicalAnd(a, b)),
  __or__: bitwise((a, b) => tf.logicalOr(a, b)),
  __xor__: bitwise(exclusiveOr),
  where: (args) => select(args.value('condition'), args.operand('self'), args.operand('other')),
  masked_fill(args) {
    const x = args.value('self');
    return select(args.value('mask'), asValue(args.operand('value'), x.dtype), x); // The tensor keeps its type.
  },
};
