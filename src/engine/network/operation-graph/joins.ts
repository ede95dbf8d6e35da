/** Joins, cuts, repetitions and replacements of parts. */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import {
  asBool,
  asInt,
  axisOf,
  castValue,
  commonDtype,
  cut,
  splitAt,
  stretch,
  strided,
  wholeOrFloat,
} from './common.ts';
import { axisInLast, fromLayout, inOneLayout, Value } from './value.ts';
import { asShape } from './views.ts';

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
  const parts = values.filter(
    (value) => !(value.rank === 1 && value.shape[0] === 0 && values.some(({ rank }) => rank > 1)),
  );
  const dtype = commonDtype(parts);
  const { isLast, tensors } = inOneLayout(parts.map((part) => castValue(part, dtype)));
  const rank = (parts[0] as Value).rank;
  const at = axisOf(axis, rank);
  if (parts.some((part) => part.rank !== rank)) args.fail('its tensors have different numbers of axes');
  const place = isLast ? axisInLast(at, rank) : at;
  if (tensors.length === 1) return fromLayout(tensors[0] as Tensor, isLast);
  if (dtype === 'bool') return castValue(fromLayout(tf.concat(tensors.map(asInt), place), isLast), 'bool');
  return fromLayout(tf.concat(tensors, place), isLast);
}

function stack(args: Operands): Value {
  const values = args.values('tensors');
  const dtype = commonDtype(values);
  const axis = axisOf(args.int('dim'), (values[0] as Value).rank + 1);
  return Value.of(
    tf.stack(
      values.map((value) => castValue(value, dtype).tensor),
      axis,
    ),
  );
}

/** Pieces of an axis, in the layout of the whole. */
function pieces(x: Value, axis: number, sizes: readonly number[]): Value[] {
  if (x.isLast && x.rank > 2) {
    return splitAt(x.last, sizes, axisInLast(axis, x.rank)).map((part) => Value.ofLast(part));
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

/** Equal pieces. */
function sections(args: Operands, axis: number): Value[][] {
  const x = args.value('self');
  const count = args.int('sections');
  const size = (x.shape[axis] as number) / count;
  return [
    pieces(
      x,
      axis,
      Array.from({ length: count }, () => size),
    ),
  ];
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
  if (step === 1 && x.isLast && x.rank > 2) return Value.ofLast(cut(x.last, axisInLast(axis, x.rank), begin, end));
  return overNumbers(x, (y) => strided(y, axis, begin, end, step));
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
  const source = stretch(whole.tensor, shape);
  if (step === 1) {
    const parts = [
      ...(begin > 0 ? [cut(self.tensor, axis, 0, begin)] : []),
      source,
      ...(end < extent ? [cut(self.tensor, axis, end, extent)] : []),
    ];
    return castValue(Value.of(parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, axis)), x.dtype);
  }
  const rows = splitAt(
    self.tensor,
    Array.from({ length: extent }, () => 1),
    axis,
  );
  splitAt(
    source,
    Array.from({ length: shape[axis] as number }, () => 1),
    axis,
  ).forEach((row, index) => {
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

/** A matrix where it is kept, else 0; a choice and no product, since what is left out may be infinite. */
function triangle(args: Operands, keeps: (row: number, column: number) => boolean): Value {
  const x = args.value('self');
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const mask = Int32Array.from({ length: rows * columns }, (_, at) =>
    keeps(Math.floor(at / columns), at % columns) ? 1 : 0,
  );
  const test = asBool(stretch(tf.tensor(mask, [rows, columns], 'int32'), x.shape));
  const numbers = wholeOrFloat(x.tensor);
  return castValue(Value.of(tf.where(test, numbers, tf.zerosLike(numbers))), x.dtype);
}

export const joins: Operations = {
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
  'tensor_split.indices': split((args, extent) => {
    const bounds = [0, ...(args.ints('indices') ?? []).map((at) => (at < 0 ? at + extent : at)), extent];
    return bounds.slice(1).map((end, index) => Math.max(0, end - (bounds[index] as number)));
  }),
  'split.sizes': split((args) => args.ints('split_size') ?? []),
  hsplit: (args) => sections(args, args.value('self').rank > 1 ? 1 : 0),
  vsplit: (args) => sections(args, 0),
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
    return overNumbers(x, (y) =>
      tf.reverse(
        y,
        (args.ints('dims') ?? []).map((axis) => axisOf(axis, x.rank)),
      ),
    );
  },
  roll,
  tril: (args) => triangle(args, (row, column) => column - row <= args.int('diagonal')),
  triu: (args) => triangle(args, (row, column) => column - row >= args.int('diagonal')),
};
