/** Matrices out of vectors and the other way round, small joins, turns, and products written with them. */
import { sizeOf } from '../../../ndarray.ts';
import { contract } from '../../ops/contract.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operations } from './arguments.ts';
import { asFloat, axisOf, broadcastShape, castValue } from './common.ts';
import { Value } from './value.ts';
import { asShape, diagonal, diagonalPlaces, expanded } from './views.ts';

/** The elements of the last axis on a diagonal of matrices that are zero elsewhere, as a product with a constant. */
function onDiagonal(args: Operands, offsetName: string): Value {
  const x = args.value('self');
  const length = x.shape.at(-1) as number;
  const offset = args.int(offsetName);
  const size = length + Math.abs(offset);
  const { rows, columns } = diagonalPlaces(size, size, offset);
  const table = new Float32Array(length * size * size);
  for (let i = 0; i < length; i++) table[(i * size + (rows[i] as number)) * size + (columns[i] as number)] = 1;
  const flat = tf.matMul(tf.reshape(asFloat(x.tensor), [-1, length]), tf.tensor2d(table, [length, size * size]));
  return castValue(Value.of(tf.reshape(flat, [...x.shape.slice(0, -1), size, size])), x.dtype);
}

function diagEmbed(args: Operands): Value {
  const y = onDiagonal(args, 'offset');
  const [a, b] = [axisOf(args.int('dim1'), y.rank), axisOf(args.int('dim2'), y.rank)];
  const rest = Array.from({ length: y.rank - 2 }, (_, axis) => axis);
  const order = Array.from({ length: y.rank }, (_, axis) =>
    axis === a ? y.rank - 2 : axis === b ? y.rank - 1 : (rest.shift() as number),
  );
  return Value.of(tf.transpose(y.tensor, order));
}

/** With axes of one element added, in front or behind, up to a number of axes. */
function atLeast(x: Value, rank: number): Value {
  if (x.rank >= rank) return x;
  if (x.rank === 2) return asShape(x, [...x.shape, 1]);
  if (x.rank === 1) return asShape(x, rank === 2 ? [1, ...x.shape] : [1, ...x.shape, 1]);
  return asShape(
    x,
    Array.from({ length: rank }, () => 1),
  );
}

const concatenated = (values: readonly Value[], axis: number): Value =>
  Value.of(
    tf.concat(
      values.map((x) => asFloat(x.tensor)),
      axis,
    ),
  );

function blockDiagonal(args: Operands): Value {
  const blocks = args.values('tensors').map((x) => asFloat(atLeast(x, 2).tensor));
  const width = blocks.reduce((sum, x) => sum + (x.shape[1] as number), 0);
  let left = 0;
  const rows = blocks.map((x) => {
    const own = x.shape[1] as number;
    const row = tf.pad(x, [
      [0, 0],
      [left, width - left - own],
    ]);
    left += own;
    return row;
  });
  return Value.of(tf.concat(rows, 0));
}

/** A quarter turn as often as asked: from the first of two axes to the second. */
function rotate(args: Operands): Value {
  const x = args.tensor('self');
  const [a, b] = (args.ints('dims') ?? []).map((axis) => axisOf(axis, x.rank)) as [number, number];
  const swapped = x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  const turns = ((args.int('k') % 4) + 4) % 4;
  if (turns === 0) return Value.of(x);
  if (turns === 2) return Value.of(tf.reverse(x, [a, b]));
  return Value.of(turns === 1 ? tf.transpose(tf.reverse(x, b), swapped) : tf.reverse(tf.transpose(x, swapped), b));
}

/** (a2 b3 - a3 b2, a3 b1 - a1 b3, a1 b2 - a2 b1) along an axis of three. */
function cross(args: Operands): Value {
  const [left, right] = [args.value('self'), args.value('other')];
  const shape = broadcastShape([left.shape, right.shape]);
  const [a, b] = [expanded(left, shape).tensor, expanded(right, shape).tensor];
  const axis = args.has('dim') ? axisOf(args.int('dim'), shape.length) : shape.indexOf(3);
  if (shape[axis] !== 3) args.fail('needs an axis of three elements');
  const places = (order: number[]) => tf.tensor1d(order, 'int32');
  const turned = (x: Tensor, order: number[]) => tf.gather(x, places(order), axis);
  return Value.of(
    tf.sub(tf.mul(turned(a, [1, 2, 0]), turned(b, [2, 0, 1])), tf.mul(turned(a, [2, 0, 1]), turned(b, [1, 2, 0]))),
  );
}

function tensorDot(args: Operands): Value {
  const [a, b] = [args.tensor('self'), args.tensor('other')].map(asFloat) as [Tensor, Tensor];
  const own = (args.ints('dims_self') ?? []).map((axis) => axisOf(axis, a.rank));
  const others = (args.ints('dims_other') ?? []).map((axis) => axisOf(axis, b.rank));
  const left = [...'abcdefgh'].slice(0, a.rank);
  const free = [...'ijklmnop'];
  const right = b.shape.map((_, axis) => {
    const at = others.indexOf(axis);
    return at < 0 ? (free.shift() as string) : (left[own[at] as number] as string);
  });
  const shared = own.map((axis) => left[axis] as string);
  const output = [...left, ...right].filter((letter) => !shared.includes(letter)).join('');
  return Value.of(contract(a, b, { x: left.join(''), weight: right.join(''), output }));
}

const products = (matrices: readonly Value[]): Value =>
  Value.of(matrices.map((x) => asFloat(x.tensor)).reduce((a, b) => tf.matMul(a, b)));

/** Three factors, each with axes of one element where it is expanded, multiplied and summed. */
function trilinear(args: Operands): Value {
  const factor = (name: string, expand: string) =>
    [...(args.ints(expand) ?? [])]
      .sort((a, b) => a - b)
      .reduce((x: Tensor, axis) => tf.expandDims(x, axis), asFloat(args.tensor(name)));
  const product = tf.mul(tf.mul(factor('i1', 'expand1'), factor('i2', 'expand2')), factor('i3', 'expand3'));
  return Value.of(tf.sum(product, args.ints('sumdim') ?? []));
}

const dotAlong = (a: Tensor, b: Tensor, axis: number) => Value.of(tf.sum(tf.mul(a, b), axis));

export const matrices: Operations = {
  diag: (args) =>
    args.value('self').rank === 1
      ? onDiagonal(args, 'diagonal')
      : diagonal(args.tensor('self'), args.int('diagonal'), 0, 1),
  diag_embed: diagEmbed,
  trace: (args) => Value.of(tf.sum(diagonal(args.tensor('self'), 0, 0, 1).tensor)),
  dstack: (args) =>
    concatenated(
      args.values('tensors').map((x) => atLeast(x, 3)),
      2,
    ),
  column_stack: (args) =>
    concatenated(
      args.values('tensors').map((x) => (x.rank < 2 ? asShape(x, [sizeOf(x.shape), 1]) : x)),
      1,
    ),
  block_diag: blockDiagonal,
  broadcast_tensors(args) {
    const values = args.values('tensors');
    const shape = broadcastShape(values.map((x) => x.shape));
    return [values.map((x) => expanded(x, shape))];
  },
  atleast_1d: (args) => atLeast(args.value('self'), 1),
  atleast_2d: (args) => atLeast(args.value('self'), 2),
  atleast_3d: (args) => atLeast(args.value('self'), 3),
  ravel: (args) => asShape(args.value('self'), [sizeOf(args.value('self').shape)]),
  rot90: rotate,
  fliplr: (args) => Value.of(tf.reverse(args.tensor('self'), 1)),
  flipud: (args) => Value.of(tf.reverse(args.tensor('self'), 0)),
  vdot: (args) => dotAlong(args.tensor('self'), args.tensor('other'), 0),
  linalg_vecdot: (args) => dotAlong(args.tensor('x'), args.tensor('y'), args.int('dim')),
  tensordot: tensorDot,
  cross,
  linalg_cross: cross,
  linalg_multi_dot: (args) => products(args.values('tensors')),
  chain_matmul: (args) => products(args.values('matrices')),
  _trilinear: trilinear,
};
