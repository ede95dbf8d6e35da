/** What several families share: types, broadcasting, axes. */
import type { Dtype } from '../../../topology/operation-graph/graph.ts';
import { type Tensor, tf } from '../../tf.ts';
import { fromLayout, inOneLayout, Value } from './value.ts';

export const asFloat = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));
export const asInt = (x: Tensor): Tensor => (x.dtype === 'int32' ? x : tf.cast(x, 'int32'));
/** Truth values as numbers, which add up to whole numbers. */
export const wholeOrFloat = (x: Tensor): Tensor => (x.dtype === 'bool' ? asInt(x) : x);
export const asBool = (x: Tensor): Tensor =>
  x.dtype === 'bool' ? x : tf.notEqual(x, tf.scalar(0, x.dtype as 'int32'));

/** To integers towards zero, as PyTorch casts. */
export function castTo(x: Tensor, dtype: Dtype): Tensor {
  if (x.dtype === dtype) return x;
  if (dtype === 'bool') return asBool(x);
  return tf.cast(x, dtype);
}

export const castValue = (x: Value, dtype: Dtype | undefined): Value =>
  dtype === undefined || x.dtype === dtype ? x : x.map((tensor) => castTo(tensor, dtype));

const rankOfDtype = { bool: 0, int32: 1, float32: 2 } as const;

/** The type of a result of several operands; numbers do not widen a tensor unless they are of a wider kind. */
export function commonDtype(operands: readonly (Value | number)[]): Dtype {
  let widest: Dtype = 'bool';
  for (const operand of operands) {
    const dtype: Dtype =
      typeof operand === 'number' ? (Number.isInteger(operand) ? 'int32' : 'float32') : operand.dtype;
    if (rankOfDtype[dtype] > rankOfDtype[widest]) widest = dtype;
  }
  return widest;
}

/** A number as a tensor of the type. */
export const scalarOf = (value: number, dtype: Dtype): Tensor =>
  tf.scalar(dtype === 'bool' ? value !== 0 : value, dtype as 'float32');

export const asValue = (operand: Value | number, dtype: Dtype): Value =>
  typeof operand === 'number' ? Value.of(scalarOf(operand, dtype)) : castValue(operand, dtype);

/** A tensor for each operand. */
type TensorsOf<O> = { [K in keyof O]: Tensor };

/** An elementwise operation of several operands in one type and one layout. */
export function broadcast<const O extends readonly (Value | number)[]>(
  operands: O,
  dtype: Dtype,
  run: (...tensors: TensorsOf<O>) => Tensor,
): Value {
  const { isLast, tensors } = inOneLayout(operands.map((operand) => asValue(operand, dtype)));
  return fromLayout(run(...(tensors as unknown as TensorsOf<O>)), isLast);
}

/** The shape that tensors of these shapes have side by side. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.reduce((extent, shape) => {
      const own = shape[axis - rank + shape.length] ?? 1;
      return own === 1 ? extent : own;
    }, 1),
  );
}

/** x broadcast to a shape; x itself where it has it. */
export const stretch = (x: Tensor, shape: readonly number[]): Tensor =>
  `${x.shape}` === `${shape}` ? x : tf.broadcastTo(x, [...shape]);

/** An axis that may count from the end. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + Math.max(rank, 1) : axis);

/** Axes of a reduction; none named means all. */
export function axesOf(axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined || axes.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);
}

/** Numbers for `count` spatial axes, from one or as many. */
export const spread = (values: readonly number[], count: number): number[] =>
  values.length === 1 ? Array.from({ length: count }, () => values[0] as number) : [...values];

/** x[begin, end) along an axis. */
export function cut(x: Tensor, axis: number, begin: number, end: number): Tensor {
  if (begin === 0 && end === x.shape[axis]) return x;
  return tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? begin : 0)),
    x.shape.map((extent, i) => (i === axis ? end - begin : extent)),
  );
}

/** Every `stride`-th element of [begin, end) along an axis. */
export function strided(x: Tensor, axis: number, begin: number, end: number, stride: number): Tensor {
  if (stride === 1) return cut(x, axis, begin, end);
  const at = (value: number, other: readonly number[]) => other.map((own, i) => (i === axis ? value : own));
  const [zeros, ones] = [x.shape.map(() => 0), x.shape.map(() => 1)];
  return tf.stridedSlice(x, at(begin, zeros), at(end, x.shape), at(stride, ones));
}

/** A function of x [n, ...space, c]; an input without a batch axis has one added and taken off again. */
export function overSpace(input: Value, space: number, run: (x: Tensor) => Tensor): Value {
  const isSingle = input.rank === space + 1;
  const value = isSingle ? Value.of(tf.expandDims(input.tensor, 0)) : input;
  const y = Value.ofLast(run(asFloat(value.last)));
  return isSingle ? Value.of(tf.squeeze(y.tensor, [0])) : y;
}

export type Margins = [before: number, after: number];

/** x [n, ...space, c] with margins of a value around its space. */
export const padSpace = (x: Tensor, margins: readonly Margins[], value = 0): Tensor =>
  margins.every(([before, after]) => before === 0 && after === 0) ? x : tf.pad(x, [[0, 0], ...margins, [0, 0]], value);

export const splitAt = (x: Tensor, sizes: readonly number[], axis: number): Tensor[] =>
  sizes.length === 1 ? [x] : [...(tf.split(x, [...sizes], axis) as Tensor[])]; // a copy: callers may change the list
