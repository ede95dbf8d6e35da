/** Views, joins, cuts and padding. Parameters stay parameters through views (see Value.view). */
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat, asInt, axisOf, castValue, commonDtype, cut, sizeOf, splitAt } from './common.ts';
import { fromLayout, inOneLayout, Value } from './value.ts';

const asShape = (x: Value, shape: readonly number[]): Value => x.view((y) => tf.reshape(y, [...shape]), shape);

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

function reorder(x: Value, order: readonly number[]): Value {
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
  return sized(args, x, [...x.shape.slice(0, axis), ...unknown(args.ints('sizes') ?? [], x.shape[axis] as number), ...x.shape.slice(axis + 1)]);
}

const unknown = (sizes: readonly number[], total: number) => {
  const known = sizeOf(sizes.filter((size) => size !== -1));
  return sizes.map((size) => (size === -1 ? total / known : size));
};

function squeeze(args: Operands): Value {
  const x = args.value('self');
  const axes = args.ints('dim')?.map((axis) => axisOf(axis, x.rank));
  return asShape(x, x.shape.filter((extent, axis) => extent !== 1 || (axes !== undefined && !axes.includes(axis))));
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
function expanded(x: Value, size: readonly number[]): Value {
  const lead = size.length - x.rank;
  const shape = size.map((extent, axis) => (extent === -1 ? (x.shape[axis - lead] as number) : extent));
  if (`${shape}` === `${x.shape}`) return x;
  if (x.dtype === 'float32') return Value.of(tf.broadcastTo(x.tensor, shape));
  return castValue(Value.of(tf.broadcastTo(asInt(x.tensor), shape)), x.dtype);
}

/** TensorFlow tiles only numbers. */
function tiled(x: Value, repeats: readonly number[]): Value {
  const rank = Math.max(x.rank, repeats.length);
  const shape = [...Array.from({ length: rank - x.rank }, () => 1), ...x.shape];
  const counts = [...Array.from({ length: rank - repeats.length }, () => 1), ...repeats];
  const tensor = tf.reshape(x.dtype === 'bool' ? asInt(x.tensor) : x.tensor, shape);
  return castValue(Value.of(tf.tile(tensor, counts)), x.dtype);
}

function repeatInterleave(args: Operands): Value {
  const given = args.value('self');
  const repeats = args.int('repeats');
  const flat = args.has('dim') ? given : asShape(given, [sizeOf(given.shape)]);
  const axis = axisOf(args.maybeInt('dim') ?? 0, flat.rank);
  const wide = tf.expandDims(flat.tensor, axis + 1);
  const counts = wide.shape.map((_, at) => (at === axis + 1 ? repeats : 1));
  const shape = flat.shape.map((extent, at) => (at === axis ? extent * repeats : extent));
  return Value.of(tf.reshape(tf.tile(wide, counts), shape));
}

/** In the types that they have together; empty tensors of one axis count nothing. */
function joined(args: Operands, values: readonly Value[], axis: number): Value {
  const parts = values.filter((value) => !(value.rank === 1 && value.shape[0] === 0 && values.some(({ rank }) => rank > 1)));
  const dtype = commonDtype(parts);
  const { isLast, tensors } = inOneLayout(parts.map((part) => castValue(part, dtype)));
  const rank = (parts[0] as Value).rank;
  const at = axisOf(axis, rank);
  if (parts.some((part) => part.rank !== rank)) args.fail('its tensors have different numbers of axes');
  const place = isLast ? (at === 0 ? 0 : at === 1 ? rank - 1 : at - 1) : at;
  if (tensors.length === 1) return fromLayout(tensors[0] as Tensor, isLast);
  if (dtype === 'bool') return castValue(fromLayout(tf.concat(tensors.map(asInt), place), isLast), 'bool');
  return fromLayout(tf.concat(tensors, place), isLast);
}

function stack(args: Operands): Value {
  const values = args.values('tensors');
  const dtype = commonDtype(values);
  const axis = axisOf(args.int('dim'), (values[0] as Value).rank + 1);
  return Value.of(tf.stack(values.map((value) => castValue(value, dtype).tensor), axis));
}

/** Pieces of an axis, in the layout of the whole. */
function pieces(x: Value, axis: number, sizes: readonly number[]): Value[] {
  if (x.isLast && x.rank > 2) {
    const at = axis === 0 ? 0 : axis === 1 ? x.rank - 1 : axis - 1;
    return splitAt(x.last, sizes, at).map((part) => Value.ofLast(part));
  }
  if (x.dtype === 'bool') return splitAt(asInt(x.tensor), sizes, axis).map((part) => castValue(Value.of(part), 'bool'));
  return splitAt(x.tensor, sizes, axis).map((part) => Value.of(part));
}

/** Pieces of `size`, the last with what is left. */
function even(extent: number, size: number): number[] {
  const count = Math.max(1, Math.ceil(extent / size));
  return Array.from({ length: count }, (_, index) => Math.min(size, extent - index * size));
}

const split =
  (sizesOf: (args: Operands, extent: number) => number[]): Operation =>
  (args) => {
    const x = args.value('self');
    const axis = axisOf(args.int('dim'), x.rank);
    return [pieces(x, axis, sizesOf(args, x.shape[axis] as number))];
  };

function tensorSplit(args: Operands, extent: number): number[] {
  const sections = args.int('sections');
  const [least, larger] = [Math.floor(extent / sections), extent % sections];
  return Array.from({ length: sections }, (_, index) => least + (index < larger ? 1 : 0));
}

interface Range {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

function rangeOf(args: Operands, x: Value): Range {
  const axis = axisOf(args.int('dim'), x.rank);
  const extent = x.shape[axis] as number;
  const place = (value: number | undefined, fallback: number) => {
    if (value === undefined) return fallback;
    return Math.min(Math.max(value < 0 ? value + extent : value, 0), extent);
  };
  const begin = place(args.maybeInt('start'), 0);
  return { axis, begin, end: Math.max(begin, place(args.maybeInt('end'), extent)), step: args.int('step') };
}

/** Slices of truth values go through integers. */
const overNumbers = (x: Value, run: (y: Tensor) => Tensor): Value =>
  x.dtype === 'bool' ? castValue(Value.of(run(asInt(x.tensor))), 'bool') : Value.of(run(x.tensor));

function slice(args: Operands): Value {
  const x = args.value('self');
  const { axis, begin, end, step } = rangeOf(args, x);
  if (step === 1 && begin === 0 && end === x.shape[axis]) return x;
  if (step === 1 && x.isLast && x.rank > 2) {
    const at = axis === 0 ? 0 : axis === 1 ? x.rank - 1 : axis - 1;
    return Value.ofLast(cut(x.last, at, begin, end));
  }
  if (step === 1) return overNumbers(x, (y) => cut(y, axis, begin, end));
  const at = (value: number, other: (i: number) => number) => x.shape.map((_, i) => (i === axis ? value : other(i)));
  return overNumbers(x, (y) =>
    tf.stridedSlice(
      y,
      at(begin, () => 0),
      at(end, (i) => x.shape[i] as number),
      at(step, () => 1),
    ),
  );
}

function select(args: Operands): Value {
  const x = args.value('self');
  const axis = axisOf(args.int('dim'), x.rank);
  const index = args.int('index');
  const at = index < 0 ? index + (x.shape[axis] as number) : index;
  return overNumbers(x, (y) => tf.squeeze(cut(y, axis, at, at + 1), [axis]));
}

/** `self` with the places of a range along an axis replaced by those of `part`. */
function replaced(x: Value, part: Value, { axis, begin, end, step }: Range): Value {
  const extent = x.shape[axis] as number;
  const whole = castValue(part, x.dtype === 'bool' ? 'int32' : x.dtype);
  const self = x.dtype === 'bool' ? castValue(x, 'int32') : x;
  const shape = x.shape.map((size, at) => (at === axis ? Math.ceil((end - begin) / step) : size));
  const source = `${whole.shape}` === `${shape}` ? whole.tensor : tf.broadcastTo(whole.tensor, shape);
  if (step === 1) {
    const parts = [
      ...(begin > 0 ? [cut(self.tensor, axis, 0, begin)] : []),
      source,
      ...(end < extent ? [cut(self.tensor, axis, end, extent)] : []),
    ];
    return castValue(Value.of(parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, axis)), x.dtype);
  }
  const rows = splitAt(self.tensor, Array.from({ length: extent }, () => 1), axis);
  splitAt(source, Array.from({ length: shape[axis] as number }, () => 1), axis).forEach((row, index) => {
    rows[begin + index * step] = row;
  });
  return castValue(Value.of(tf.concat(rows, axis)), x.dtype);
}

function roll(args: Operands): Value {
  const x = args.value('self');
  const shifts = args.ints('shifts') ?? [];
  const axes = args.ints('dims') ?? [];
  const flat = axes.length === 0 ? asShape(x, [sizeOf(x.shape)]) : x;
  const rolled = shifts.reduce((y, shift, index) => {
    const axis = axisOf(axes[index] ?? 0, flat.rank);
    const extent = y.shape[axis] as number;
    const by = ((shift % extent) + extent) % extent;
    return by === 0 ? y : tf.concat([cut(y, axis, extent - by, extent), cut(y, axis, 0, extent - by)], axis);
  }, flat.tensor);
  return axes.length === 0 ? asShape(Value.of(rolled), x.shape) : Value.of(rolled);
}

type Margins = readonly [before: number, after: number];

/** Margins of every axis out of PyTorch's list, which begins with the last axis. */
const marginsOf = (list: readonly number[], rank: number): Margins[] =>
  Array.from({ length: rank }, (_, axis): Margins => {
    const at = 2 * (rank - 1 - axis);
    return [list[at] ?? 0, list[at + 1] ?? 0];
  });

/** Negative margins cut. */
function padConstant(x: Value, margins: readonly Margins[], value: number): Value {
  const cuts = margins.reduce((y, [before, after], axis) => {
    const extent = y.shape[axis] as number;
    return cut(y, axis, Math.max(-before, 0), extent - Math.max(-after, 0));
  }, x.tensor);
  const wide = margins.map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]);
  return Value.of(wide.every(([before, after]) => before + after === 0) ? cuts : tf.pad(cuts, wide, value));
}

/** What lies beyond the ends of an axis, taken from the axis itself. */
function padFrom(x: Tensor, axis: number, [before, after]: Margins, mode: string): Tensor {
  const extent = x.shape[axis] as number;
  const copies = (at: number, count: number) =>
    tf.tile(cut(x, axis, at, at + 1), x.shape.map((_, i) => (i === axis ? count : 1)));
  const sides: Record<string, [() => Tensor, () => Tensor]> = {
    reflect: [
      () => tf.reverse(cut(x, axis, 1, 1 + before), axis),
      () => tf.reverse(cut(x, axis, extent - 1 - after, extent - 1), axis),
    ],
    replicate: [() => copies(0, before), () => copies(extent - 1, after)],
    circular: [() => cut(x, axis, extent - before, extent), () => cut(x, axis, 0, after)],
  };
  const [head, tail] = sides[mode] as [() => Tensor, () => Tensor];
  const parts = [...(before > 0 ? [head()] : []), x, ...(after > 0 ? [tail()] : [])];
  return parts.length === 1 ? x : tf.concat(parts, axis);
}

function padBy(args: Operands, list: readonly number[], mode: string): Value {
  const x = args.value('self');
  const margins = marginsOf(list, x.rank);
  if (mode === 'constant') return padConstant(x, margins, args.has('value') ? args.number('value') : 0);
  if (!['reflect', 'replicate', 'circular'].includes(mode)) args.fail(`pads in the mode "${mode}", which is not known`);
  return Value.of(margins.reduce((y, margin, axis) => padFrom(y, axis, margin, mode), x.tensor));
}

const padIn =
  (mode: string): Operation =>
  (args) =>
    padBy(args, args.ints('padding') ?? [], mode);

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

/** 1 where a matrix is kept. */
function triangle(args: Operands, keeps: (row: number, column: number) => boolean): Value {
  const x = args.value('self');
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const mask = Float32Array.from({ length: rows * columns }, (_, at) =>
    keeps(Math.floor(at / columns), at % columns) ? 1 : 0,
  );
  return castValue(Value.of(tf.mul(asFloat(x.tensor), tf.tensor(mask, [rows, columns]))), x.dtype);
}

function diagonal(args: Operands): Value {
  const x = args.tensor('self');
  const [a, b, offset] = [axisOf(args.int('dim1'), x.rank), axisOf(args.int('dim2'), x.rank), args.int('offset')];
  const rest = x.shape.map((_, axis) => axis).filter((axis) => axis !== a && axis !== b);
  const y = tf.transpose(x, [...rest, a, b]);
  const [rows, columns] = y.shape.slice(-2) as [number, number];
  const length = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const places = Int32Array.from({ length }, (_, i) => (i - Math.min(offset, 0)) * columns + i + Math.max(offset, 0));
  const flat = tf.reshape(y, [...y.shape.slice(0, -2), rows * columns]);
  return Value.of(tf.gather(flat, tf.tensor1d(places, 'int32'), y.rank - 2));
}

export const shapes: Operations = {
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
    return reorder(x, (args.ints('dims') ?? []).map((axis) => axisOf(axis, x.rank)));
  },
  transpose(args) {
    const x = args.value('self');
    return swap(x, axisOf(args.int('dim0'), x.rank), axisOf(args.int('dim1'), x.rank));
  },
  t: (args) => swap(args.value('self'), 0, 1),
  numpy_T(args) {
    const x = args.value('self');
    return reorder(x, x.shape.map((_, axis) => x.rank - 1 - axis));
  },
  mT: (args) => swap(args.value('self'), args.value('self').rank - 2, args.value('self').rank - 1),
  matrix_H: (args) => swap(args.value('self'), args.value('self').rank - 2, args.value('self').rank - 1),
  movedim: moveAxes,
  expand: (args) => expanded(args.value('self'), args.ints('size') ?? []),
  expand_as: (args) => expanded(args.value('self'), args.value('other').shape),
  broadcast_to: (args) => expanded(args.value('self'), args.ints('size') ?? []),
  repeat: (args) => tiled(args.value('self'), args.ints('repeats') ?? []),
  tile: (args) => tiled(args.value('self'), args.ints('dims') ?? []),
  repeat_interleave: repeatInterleave,
  cat: (args) => joined(args, args.values('tensors'), args.int('dim')),
  stack,
  hstack: (args) => joined(args, args.values('tensors'), (args.values('tensors')[0] as Value).rank === 1 ? 0 : 1),
  vstack(args) {
    const rows = args.values('tensors').map((x) => (x.rank === 1 ? asShape(x, [1, ...x.shape]) : x));
    return joined(args, rows, 0);
  },
  split: split((args, extent) => even(extent, args.int('split_size'))),
  split_with_sizes: split((args) => args.ints('split_sizes') ?? []),
  chunk: split((args, extent) => even(extent, Math.ceil(extent / args.int('chunks')))),
  tensor_split: split(tensorSplit),
  unbind(args) {
    const x = args.value('self');
    const axis = axisOf(args.int('dim'), x.rank);
    return [tf.unstack(x.tensor, axis).map((part) => Value.of(part))];
  },
  slice,
  slice_scatter(args) {
    const x = args.value('self');
    return replaced(x, args.value('src'), rangeOf(args, x));
  },
  select,
  select_scatter(args) {
    const x = args.value('self');
    const axis = axisOf(args.int('dim'), x.rank);
    const index = args.int('index');
    const begin = index < 0 ? index + (x.shape[axis] as number) : index;
    const source = args.value('src');
    const part = Value.of(tf.expandDims(source.tensor, axis));
    return replaced(x, part, { axis, begin, end: begin + 1, step: 1 });
  },
  narrow(args) {
    const x = args.value('self');
    const axis = axisOf(args.int('dim'), x.rank);
    const begin = args.int('start');
    return overNumbers(x, (y) => cut(y, axis, begin, begin + args.int('length')));
  },
  flip(args) {
    const x = args.value('self');
    return overNumbers(x, (y) => tf.reverse(y, (args.ints('dims') ?? []).map((axis) => axisOf(axis, x.rank))));
  },
  roll,
  pad: (args) => padBy(args, args.ints('pad') ?? [], args.text('mode')),
  constant_pad_nd: (args) => padBy(args, args.ints('pad') ?? [], 'constant'),
  reflection_pad1d: padIn('reflect'),
  reflection_pad2d: padIn('reflect'),
  replication_pad1d: padIn('replicate'),
  replication_pad2d: padIn('replicate'),
  pixel_shuffle: pixelShuffle,
  pixel_unshuffle: pixelUnshuffle,
  channel_shuffle: channelShuffle,
  diagonal,
  unfold,
  tril: (args) => triangle(args, (row, column) => column - row <= args.int('diagonal')),
  triu: (args) => triangle(args, (row, column) => column - row >= args.int('diagonal')),
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
};
