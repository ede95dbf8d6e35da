/**
 * What a name of an ONNX graph stands for while the graph is read.
 *
 *   tensor  computed when the network runs
 *   known   few numbers that are known while the file is read, or whole numbers that follow from the shapes of inputs: shapes, axes, bounds, scales
 *   list    a sequence of tensors
 */
import type { Dtype, Extent, Reference } from '../../topology/operation-graph/graph.ts';

/** A number, or a whole number of the graph. */
export type Scalar = number | Reference;

export interface TensorValue {
  readonly kind: 'tensor';
  readonly ref: string;
  readonly dtype: Dtype;
  /** Null where the number of axes is not known. */
  readonly shape: readonly Extent[] | null;
}

export interface KnownValue {
  readonly kind: 'known';
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly elements: readonly Scalar[];
}

export interface ListValue {
  readonly kind: 'list';
  readonly values: readonly TensorValue[];
}

/** Random numbers between 0 and 1 of the shape of a tensor, or the choice of those below a probability. */
export interface UniformValue {
  readonly kind: 'uniform';
  readonly like: TensorValue;
  /** The probability; null for the numbers themselves. */
  readonly keep: number | null;
}

export type OnnxValue = TensorValue | KnownValue | ListValue | UniformValue;

/** More elements than this are a tensor. */
export const maxKnown = 4096;

export const known = (dtype: Dtype, shape: readonly number[], elements: readonly Scalar[]): KnownValue => ({
  kind: 'known',
  dtype,
  shape,
  elements,
});

/** Numbers without references; null where some follow from inputs. */
export function plainNumbers({ elements }: KnownValue): readonly number[] | null {
  return elements.every((element) => typeof element === 'number') ? (elements as readonly number[]) : null;
}

/** Broadcasting of extents: symbols that differ from 1 stay. */
export function broadcastExtents(a: readonly Extent[] | null, b: readonly Extent[] | null): readonly Extent[] | null {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis): Extent => {
    const [x, y] = [axis - rank + a.length, axis - rank + b.length].map((at, side) =>
      at < 0 ? 1 : ((side === 0 ? a : b)[at] ?? null),
    ) as [Extent, Extent];
    if (x === 1) return y;
    if (y === 1 || x === y) return x;
    return typeof x === 'number' ? x : typeof y === 'number' ? y : null;
  });
}
