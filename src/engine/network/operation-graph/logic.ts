/** Comparisons, logic of truth values, and choices by them. */
import { type Tensor, tf } from '../../tf.ts';
import type { Operation, Operations } from './arguments.ts';
import { asBool, asFloat, asInt, broadcast, castValue, commonDtype, scalarOf } from './common.ts';
import { pairOf } from './elementwise.ts';
import { Value } from './value.ts';

/** Whether each element is of a kind. */
const test =
  (run: (x: Tensor) => Tensor): Operation =>
  (args) =>
    args.value('self').map((x) => run(asFloat(x)));

const comparison =
  (run: (a: Tensor, b: Tensor) => Tensor): Operation =>
  (args) => {
    const operands = pairOf(args);
    const dtype = commonDtype(operands);
    return broadcast(operands, dtype === 'bool' ? 'int32' : dtype, run as (...tensors: Tensor[]) => Tensor);
  };

const logical =
  (run: (a: Tensor, b: Tensor) => Tensor): Operation =>
  (args) =>
    broadcast(pairOf(args), 'bool', run as (...tensors: Tensor[]) => Tensor);

/** Of truth values. */
const bitwise =
  (run: (a: Tensor, b: Tensor) => Tensor): Operation =>
  (args, context) => {
    if (commonDtype(pairOf(args)) !== 'bool')
      args.fail('acts on the bits of whole numbers; only truth values are read');
    return logical(run)(args, context);
  };

const exclusiveOr = (a: Tensor, b: Tensor) => tf.notEqual(asInt(a), asInt(b));

function select(condition: Value, chosen: Value | number, other: Value | number): Value {
  const dtype = commonDtype([chosen, other]);
  const operands = [chosen, other].map((operand) =>
    typeof operand === 'number' ? Value.of(scalarOf(operand, dtype)) : castValue(operand, dtype),
  );
  const shaped = broadcastShape([condition, ...operands].map((value) => value.shape));
  const [test, yes, no] = [castValue(condition, 'bool'), ...operands].map((value) => {
    const x = value.tensor;
    return `${x.shape}` === `${shaped}` ? x : tf.broadcastTo(x, shaped);
  }) as [Tensor, Tensor, Tensor];
  if (dtype !== 'float32') return castValue(Value.of(tf.where(test, asInt(yes), asInt(no))), dtype);
  return Value.of(tf.where(test, yes, no));
}

export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.reduce((extent, shape) => {
      const own = shape[axis - rank + shape.length] ?? 1;
      return own === 1 ? extent : own;
    }, 1),
  );
}

export const logic: Operations = {
  isnan: test((x) => tf.isNaN(x)),
  isinf: test((x) => tf.isInf(x)),
  isfinite: test((x) => tf.isFinite(x)),
  eq: comparison((a, b) => tf.equal(a, b)),
  ne: comparison((a, b) => tf.notEqual(a, b)),
  lt: comparison((a, b) => tf.less(a, b)),
  le: comparison((a, b) => tf.lessEqual(a, b)),
  gt: comparison((a, b) => tf.greater(a, b)),
  ge: comparison((a, b) => tf.greaterEqual(a, b)),
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
    const [x, value] = [args.value('self'), args.operand('value')];
    const filler = typeof value === 'number' ? value : castValue(value, x.dtype);
    // The tensor keeps its type.
    const chosen = select(
      args.value('mask'),
      typeof filler === 'number' ? Value.of(scalarOf(filler, x.dtype)) : filler,
      x,
    );
    return chosen;
  },
};
