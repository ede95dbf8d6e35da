/** Arithmetic on numbers that are known while a file is read; whole numbers that follow from inputs become small nodes of the graph. */
import { sizeOf } from '../../ndarray.ts';
import type { Argument, Dtype } from '../../topology/operation-graph/graph.ts';
import type { Call } from './call.ts';
import { type KnownValue, known, maxKnown, type OnnxValue, plainNumbers, type Scalar } from './values.ts';

type Numbers = (a: number, b: number) => number;

/** The elements of a value broadcast to a shape. */
export function stretched({ shape, elements }: KnownValue, to: readonly number[]): readonly Scalar[] {
  if (`${shape}` === `${to}`) return elements;
  const lead = to.length - shape.length;
  return Array.from({ length: sizeOf(to) }, (_, index) => {
    let [rest, at, step] = [index, 0, 1];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const extent = to[axis] as number;
      const own = axis < lead ? 1 : (shape[axis - lead] as number);
      if (own !== 1) at += (rest % extent) * step;
      if (axis >= lead) step *= own;
      rest = Math.floor(rest / extent);
    }
    return elements[at] as Scalar;
  });
}

/** Null where the shapes do not go together. */
export function commonShape(shapes: readonly (readonly number[])[]): readonly number[] | null {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((extent) => extent !== 1);
    return new Set(extents).size > 1 ? -1 : (extents[0] ?? 1);
  });
  return result.includes(-1) || sizeOf(result) > maxKnown ? null : result;
}

/** Both values combined; undefined where that is left to the graph. `scalar` is the operation on whole numbers of the graph. */
export function foldBinary(
  call: Call,
  pair: readonly [OnnxValue, OnnxValue],
  dtype: Dtype,
  compute: Numbers,
  scalar: string | null,
): KnownValue | undefined {
  const [a, b] = pair;
  if (a.kind !== 'known' || b.kind !== 'known') return undefined;
  const isPlain = plainNumbers(a) !== null && plainNumbers(b) !== null;
  if (!isPlain && (scalar === null || a.dtype !== 'int32')) return undefined;
  const shape = commonShape([a.shape, b.shape]);
  if (shape === null) return undefined;
  const [left, right] = [stretched(a, shape), stretched(b, shape)];
  const elements = left.map((x, index) => {
    const y = right[index] as Scalar;
    return typeof x === 'number' && typeof y === 'number' ? compute(x, y) : call.scalar(scalar as string, x, y);
  });
  return known(dtype, shape, elements);
}

export function foldUnary(value: OnnxValue, dtype: Dtype, compute: (x: number) => number): KnownValue | undefined {
  if (value.kind !== 'known') return undefined;
  const numbers = plainNumbers(value);
  return numbers === null ? undefined : known(dtype, value.shape, numbers.map(compute));
}

/** JSON has no number for infinities. */
export const argumentOf = (value: number): Argument => {
  if (Number.isFinite(value)) return value;
  return { number: Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity' };
};

/** A value as an operand: a number where it is a single known one that adds no axes. */
export function operandOf(call: Call, value: OnnxValue, beside: readonly unknown[] | null): Argument {
  if (value.kind === 'known' && value.elements.length === 1 && value.shape.length <= (beside?.length ?? 0)) {
    const [element] = value.elements;
    if (typeof element === 'number' && value.dtype !== 'bool') return argumentOf(element);
  }
  return { ref: call.asTensor(value).ref };
}

/** Values as operands side by side; at least one stays a tensor. */
export function operandsOf(call: Call, a: OnnxValue, b: OnnxValue): [Argument, Argument] {
  if (a.kind === 'tensor') return [{ ref: a.ref }, operandOf(call, b, a.shape)];
  if (b.kind === 'tensor') return [operandOf(call, a, b.shape), { ref: b.ref }];
  return [{ ref: call.asTensor(a).ref }, { ref: call.asTensor(b).ref }];
}

export function castNumber(value: number, dtype: Dtype): number {
  if (dtype === 'bool') return value === 0 ? 0 : 1;
  return dtype === 'int32' ? Math.trunc(value) : Math.fround(value);
}
