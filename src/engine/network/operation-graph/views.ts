/** Views and rearrangements. Parameters stay parameters through views (see Value.view). */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asInt, axisOf, castValue, cut } from './common.ts';
import { Value } from './value.ts';

export const asShape = (x: Value, shape: readonly number[]): Value => x.view((y) => tf.reshape(y, [...shape]), shape);

/** With the one extent of -1 worked out. */
function sized(args: Operands, x: Value, shape: readonly number[]): Value {
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const total = sizeOf(x.shape);
  const whole = shape.map((extent) => (extent === -1 ? total / Math.max(known, 1) : extent));
  if (sizeOf(whole) !== total || !whole.every(Number.isInteger))
    args.fail(`cannot give [${x.shape}] the shape [${shape}]; was the batch fixed when the model was exported?`);
  return asShape(x, whole);
}

const view =
  (name: string): Operation =>
  (args) =>
    sized(args, args.value('self'), args.ints(name) ?? []);

export function reorder(x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[axis] as number);
  return x.view((y) => tf.transpose(y, [...order]), shape);
}

const swap = (x: Value, a: number, b: number): Value => {
  const order = x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return x.rank < 2 ? x : reorder(x, order);
};

function flatten(args: Operands): Value {
  const x = args.value('self');
  const [from, to] = [axisOf(args.int('start_dim'), x.rank), axisOf(args.int('end_dim'), x.rank)];
  if (x.rank === 0) return asShape(x, [1]);
  const { shape } = x;
  return asShape(x, [...shape.slice(0, from), sizeOf(shape.slice(from, to + 1)), ...shape.slice(to + 1)]);
}

function unflatten(args: Operands): Value {
  const x = args.value('self');
  const axis = axisOf(args.int('dim'), x.rank);
  return sized(args, x, [...x.shape.slice(0, axis), ...(args.ints('sizes') ?? []), ...x.shape.slice(axis + 1)]);
}

function squeeze(args: Operands): Value {
  const x = args.value('self');
  const axes = args.ints('dim')?.map((axis) => axisOf(axis, x.rank));
  return asShape(
    x,
    x.shape.filter((extent, axis) => extent !== 1 || (axes !== undefined && !axes.includes(axis))),
  );
}

function moveAxes(args: Operands): Value {
  const x = args.value('self');
  const places = (name: string) => (args.ints(name) ?? []).map((axis) => axisOf(axis, x.rank));
  const [source, destination] = [places('source'), places('destination')];
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !source.includes(axis));
  const order = x.shape.map((_, at) => {
    const moved = destination.indexOf(at);
    return moved >= 0 ? (source[moved] as number) : (rest.shift() as number);
  });
  return reorder(x, order);
}

/** Broadcast to a shape whose extents of -1 stay. */
export function expanded(x: Value, size: readonly number[]): Value {
  const lead = size.length - x.rank;
  const shape = size.map((extent, axis) => (extent === -1 ? (x.shape[axis - lead] as number) : extent));
  if (`${shape}` === `${x.shape}`) return x;
  if (x.dtype === 'float32') return Value.of(tf.broadcastTo(x.tensor, shape));
  return castValue(Value.of(tf.broadcastTo(asInt(x.tensor), shape)), x.dtype);
}

/** [.., c r r, h, w] -> [.., c, h r, w r] */
function pixelShuffle(args: Operands): Value {
  const x = args.tensor('self');
  const r = args.int('upscale_factor');
  const [c, h, w] = x.shape.slice(-3) as [number, number, number];
  const lead = sizeOf(x.shape.slice(0, -3));
  const y = tf.transpose(tf.reshape(x, [lead, c / (r * r), r, r, h, w]), [0, 1, 4, 2, 5, 3]);
  return Value.of(tf.reshape(y, [...x.shape.slice(0, -3), c / (r * r), h * r, w * r]));
}

function pixelUnshuffle(args: Operands): Value {
  const x = args.tensor('self');
  const r = args.int('downscale_factor');
  const [c, h, w] = x.shape.slice(-3) as [number, number, number];
  const lead = sizeOf(x.shape.slice(0, -3));
  const y = tf.transpose(tf.reshape(x, [lead, c, h / r, r, w / r, r]), [0, 1, 3, 5, 2, 4]);
  return Value.of(tf.reshape(y, [...x.shape.slice(0, -3), c * r * r, h / r, w / r]));
}

/** The channels of the groups dealt out one by one. */
function channelShuffle(args: Operands): Value {
  const x = args.value('self');
  const groups = args.int('groups');
  const last = x.last;
  const channels = last.shape.at(-1) as number;
  const y = tf.transpose(tf.reshape(last, [-1, groups, channels / groups]), [0, 2, 1]);
  return Value.ofLast(tf.reshape(y, last.shape));
}

/** Windows of `size` along an axis, as a last axis. */
function unfold(args: Operands): Value {
  const x = args.tensor('self');
  const [axis, size, step] = [axisOf(args.int('dimension'), x.rank), args.int('size'), args.int('step')];
  const count = Math.floor(((x.shape[axis] as number) - size) / step) + 1;
  const windows = Array.from({ length: count }, (_, index) => cut(x, axis, index * step, index * step + size));
  const stacked = tf.stack(windows, axis); // [.., windows, size, ..]
  const order = stacked.shape.map((_, at) => at).filter((at) => at !== axis + 1);
  return Value.of(tf.transpose(stacked, [...order, axis + 1]));
}

/** Rows and columns of the elements on a diagonal of a matrix. */
export function diagonalPlaces(
  height: number,
  width: number,
  offset: number,
): { rows: Int32Array; columns: Int32Array } {
  const length = Math.max(0, Math.min(height + Math.min(offset, 0), width - Math.max(offset, 0)));
  const rows = Int32Array.from({ length }, (_, i) => i - Math.min(offset, 0));
  return { rows, columns: rows.map((row) => row + offset) };
}

export function diagonal(x: Tensor, offset: number, first: number, second: number): Value {
  const [a, b] = [axisOf(first, x.rank), axisOf(second, x.rank)];
  const rest = x.shape.map((_, axis) => axis).filter((axis) => axis !== a && axis !== b);
  const y = tf.transpose(x, [...rest, a, b]);
  const [height, width] = y.shape.slice(-2) as [number, number];
  const { rows, columns } = diagonalPlaces(height, width, offset);
  const places = rows.map((row, i) => row * width + (columns[i] as number));
  const flat = tf.reshape(y, [...y.shape.slice(0, -2), height * width]);
  return Value.of(tf.gather(flat, tf.tensor1d(places, 'int32'), y.rank - 2));
}

export const views: Operations = {
  view: view('size'),
  _unsafe_view: view('size'),
  reshape: view('shape'),
  view_as: (args) => sized(args, args.value('self'), args.value('other').shape),
  reshape_as: (args) => sized(args, args.value('self'), args.value('other').shape),
  flatten,
  unflatten,
  squeeze,
  unsqueeze(args) {
    const x = args.value('self');
    const axis = axisOf(args.int('dim'), x.rank + 1);
    return asShape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
  },
  permute(args) {
    const x = args.value('self');
    return reorder(
      x,
      (args.ints('dims') ?? []).map((axis) => axisOf(axis, x.rank)),
    );
  },
  transpose(args) {
    const x = args.value('self');
    return swap(x, axisOf(args.int('dim0'), x.rank), axisOf(args.int('dim1'), x.rank));
  },
  t: (args) => swap(args.value('self'), 0, 1),
  numpy_T(args) {
    const x = args.value('self');
    return reorder(
      x,
      x.shape.map((_, axis) => x.rank - 1 - axis),
    );
  },
  mT: (args) => swap(args.value('self'), args.value('self').rank - 2, args.value('self').rank - 1),
  matrix_H: (args) => swap(args.value('self'), args.value('self').rank - 2, args.value('self').rank - 1),
  movedim: moveAxes,
  expand: (args) => expanded(args.value('self'), args.ints('size') ?? []),
  expand_as: (args) => expanded(args.value('self'), args.value('other').shape),
  broadcast_to: (args) => expanded(args.value('self'), args.ints('size') ?? []),
  meshgrid(args) {
    const values = args.values('tensors');
    const isXy = args.text('indexing') === 'xy' && values.length > 1;
    const order = values.map((_, at) => (isXy && at < 2 ? 1 - at : at));
    const shape = order.map((at) => sizeOf((values[at] as Value).shape));
    return [
      values.map((value, at) => {
        const along = shape.map((extent, axis) => (order[axis] === at ? extent : 1));
        return expanded(asShape(value, along), shape);
      }),
    ];
  },
  pixel_shuffle: pixelShuffle,
  pixel_unshuffle: pixelUnshuffle,
  channel_shuffle: channelShuffle,
  diagonal: (args) => diagonal(args.tensor('self'), args.int('offset'), args.int('dim1'), args.int('dim2')),
  unfold,
};
