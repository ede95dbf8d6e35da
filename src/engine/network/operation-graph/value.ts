/**
 * A tensor of an operation graph in either of two layouts.
 *
 * Graphs of PyTorch put the channels second, [n, c, ...space]; TensorFlow's convolutions on CPUs want them last. A value keeps the layout in which it was
 * made and changes it when an operation asks for the other, once. Elementwise operations, pooling, normalisation and concatenation follow their operands,
 * so that a transposition happens only where a view needs the order of the file.
 */
import type { Dtype } from '../../../topology/operation-graph/graph.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Weight } from '../layer-forward.ts';

/** [0, 2, 3, ..., 1] */
const toLast = (rank: number) => [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
/** [0, r - 1, 1, 2, ...] */
const toSecond = (rank: number) => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];

/** Where an axis of a value lies when its channels are last. */
export const axisInLast = (axis: number, rank: number): number => (axis === 0 ? 0 : axis === 1 ? rank - 1 : axis - 1);

/** Without data to move, a transposition is a reshape. */
function permuted(x: Tensor, order: readonly number[]): Tensor {
  const moved = order.filter((axis) => x.shape[axis] !== 1);
  const keeps = moved.every((axis, index) => index === 0 || axis > (moved[index - 1] as number));
  return keeps
    ? tf.reshape(
        x,
        order.map((axis) => x.shape[axis] as number),
      )
    : tf.transpose(x, [...order]);
}

export class Value {
  /** With the channels second, as the file has them. */
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Present for a parameter, and for a transposition or reshape of one. */
  readonly weight: Weight | null;
  #plain: Tensor | null = null;
  #last: Tensor | null = null;

  private constructor(shape: readonly number[], dtype: Dtype, weight: Weight | null) {
    this.shape = shape;
    this.dtype = dtype;
    this.weight = weight;
  }

  static of(tensor: Tensor): Value {
    const value = new Value(tensor.shape, tensor.dtype as Dtype, null);
    value.#plain = tensor;
    return value;
  }

  /** Of a tensor [n, ...space, c]. */
  static ofLast(tensor: Tensor): Value {
    const order = toSecond(tensor.rank);
    const shape = order.map((axis) => tensor.shape[axis] as number);
    const value = new Value(shape, tensor.dtype as Dtype, null);
    value.#last = tensor;
    return value;
  }

  static ofWeight(weight: Weight, shape: readonly number[]): Value {
    return new Value(shape, 'float32', weight);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** True when it lies with the channels last and in no other layout. */
  get isLast(): boolean {
    return this.#last !== null && this.#plain === null;
  }

  /** As the file has it. */
  get tensor(): Tensor {
    this.#plain ??= this.weight ? this.weight.value() : permuted(this.#last as Tensor, toSecond(this.rank));
    return this.#plain;
  }

  /** [n, ...space, c]; of three axes or more. */
  get last(): Tensor {
    this.#last ??= permuted(this.tensor, toLast(this.rank));
    return this.#last;
  }

  /** Applies a function that keeps the order of the elements, in whatever layout the value lies. */
  map(run: (x: Tensor) => Tensor): Value {
    return this.isLast ? Value.ofLast(run(this.last)) : Value.of(run(this.tensor));
  }

  /** A view whose elements are those of this value: a parameter stays one. */
  view(run: (x: Tensor) => Tensor, shape: readonly number[]): Value {
    const { weight } = this;
    if (weight === null) return Value.of(run(this.tensor));
    const seen: Weight = {
      shape,
      value: () => run(weight.value()),
      applyLinear: (op) => weight.applyLinear((theta) => op(run(theta))),
    };
    return Value.ofWeight(seen, shape);
  }

  /** op(x) for an op that is linear and homogeneous in x; see Weight. */
  applyLinear(op: (x: Tensor) => Tensor): Tensor {
    return this.weight ? this.weight.applyLinear(op) : op(this.tensor);
  }
}

/** Several values side by side in one layout: last where any lies so and all have that many axes, else as the file has them. */
export function inOneLayout(values: readonly Value[]): { isLast: boolean; tensors: Tensor[] } {
  const rank = Math.max(...values.map((value) => value.rank));
  const isLast = rank >= 3 && values.some((value) => value.isLast && value.rank === rank);
  if (!isLast) return { isLast, tensors: values.map((value) => value.tensor) };
  const tensors = values.map((value) => {
    if (value.rank === rank) return value.last;
    if (value.rank === 0) return value.tensor;
    const padded = [...Array.from({ length: rank - value.rank }, () => 1), ...value.shape];
    return Value.of(tf.reshape(value.tensor, padded)).last;
  });
  return { isLast, tensors };
}

export const fromLayout = (tensor: Tensor, isLast: boolean): Value =>
  isLast ? Value.ofLast(tensor) : Value.of(tensor);
