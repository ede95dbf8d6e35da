/**
 * Writing to places: sums of what is sent to each place, and choices between them and what was there.
 *
 *   add        y = x + S v              S adds up what is sent to each place
 *   replace    y = x where nothing is sent, else S v / S 1
 *
 * PyTorch leaves open which of several values for one place stays; the mean of them is taken here. Places are flat: with the row-major strides s of x,
 * element (i, j) lies at i s_0 + j s_1.
 */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operations } from './arguments.ts';
import { asBool, asFloat, asInt, asValue, axisOf, broadcastShape, castValue, cut, stretch } from './common.ts';
import { fromEnd, lookUp, placesAlong } from './indexing.ts';
import { Value } from './value.ts';
import { diagonalPlaces } from './views.ts';

type Mode = 'replace' | 'add' | 'mean';

const numbersOf = (x: Value): Tensor => (x.dtype === 'bool' ? asInt(x.tensor) : x.tensor);

/** x with values written to flat places, of which there are as many. */
function written(x: Value, places: Tensor, values: Tensor, mode: Mode, includesSelf = true): Value {
  const count = sizeOf(x.shape);
  const before = numbersOf(x);
  const flat = tf.reshape(before, [count]);
  const at = tf.reshape(asInt(places), [places.size]) as ReturnType<typeof tf.tensor1d>;
  const sent = tf.reshape(tf.cast(values, flat.dtype), [values.size]);
  const sums = tf.unsortedSegmentSum(sent, at, count);
  const shaped = (y: Tensor) => castValue(Value.of(tf.reshape(y, [...x.shape])), x.dtype);
  if (mode === 'add' && includesSelf) return shaped(tf.add(flat, sums));
  const hits = tf.unsortedSegmentSum(tf.onesLike(sent), at, count);
  const isHit = tf.greater(hits, tf.zerosLike(hits));
  const divisor = tf.maximum(hits, tf.onesLike(hits));
  const divide = (a: Tensor, b: Tensor) => (flat.dtype === 'int32' ? tf.floorDiv(a, b) : tf.div(a, b));
  if (mode === 'mean' && includesSelf)
    return shaped(tf.where(isHit, divide(tf.add(flat, sums), tf.add(hits, tf.onesLike(hits))), flat));
  return shaped(tf.where(isHit, mode === 'add' ? sums : divide(sums, divisor), flat));
}

/** The part of the source that an index of this shape reads. */
const partOf = (source: Tensor, shape: readonly number[]): Tensor =>
  shape.reduce((part, extent, axis) => cut(part, axis, 0, extent), source);

function scatter(args: Operands, mode: Mode, includesSelf = true): Value {
  const x = args.value('self');
  const places = args.tensor('index');
  if (places.size === 0) return x;
  const flat = x.rank === 0 ? asInt(places) : placesAlong(x.shape, axisOf(args.int('dim'), x.rank), places);
  const source = args.has('src') ? args.value('src') : Value.of(tf.fill(places.shape, args.number('value')));
  return written(x, flat, partOf(numbersOf(source), places.shape), mode, includesSelf);
}

const modes: Readonly<Record<string, Mode>> = { add: 'add', sum: 'add', mean: 'mean' };

function modeOf(args: Operands): Mode {
  const mode = modes[args.text('reduce')];
  return mode ?? args.fail(`reduces by "${args.text('reduce')}"; sums and means are read`);
}

/** Flat places of x[i, :, j], in the shape that x[i, :, j] has. */
function placesOfIndices(args: Operands, x: Value, indices: readonly (Tensor | null)[]): Tensor {
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  const given = indices.flatMap((entry, axis) => (entry ? [{ entry, axis }] : []));
  if (given.length === 0) return args.fail('writes to no place');
  const shape = broadcastShape(given.map(({ entry }) => entry.shape));
  const axes = given.map(({ axis }) => axis);
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const together = axes.every((axis, at) => at === 0 || axis === (axes[at - 1] as number) + 1);
  const front = together ? rest.filter((axis) => axis < (axes[0] as number)) : [];
  const back = rest.slice(front.length);
  const rank = front.length + shape.length + back.length;
  const rangeAt = (axis: number, place: number): Tensor => {
    const extent = x.shape[axis] as number;
    const steps = Int32Array.from({ length: extent }, (_, i) => i * (strides[axis] as number));
    return tf.tensor(
      steps,
      Array.from({ length: rank }, (_, at) => (at === place ? extent : 1)),
      'int32',
    );
  };
  const chosen = given
    .map(({ entry, axis }) =>
      tf.mul(fromEnd(entry, x.shape[axis] as number), tf.scalar(strides[axis] as number, 'int32')),
    )
    .reduce((a, b) => tf.add(a, b));
  const middle = tf.reshape(stretch(chosen, shape), [...front.map(() => 1), ...shape, ...back.map(() => 1)]);
  return [
    ...front.map((axis, at) => rangeAt(axis, at)),
    ...back.map((axis, at) => rangeAt(axis, front.length + shape.length + at)),
  ].reduce((sum: Tensor, steps) => tf.add(sum, steps), middle);
}

function atIndices(args: Operands, x: Value, indices: readonly (Tensor | null)[], values: Value, mode: Mode): Value {
  const places = placesOfIndices(args, x, indices);
  return written(x, places, stretch(numbersOf(castValue(values, x.dtype)), places.shape), mode);
}

/** With truth values as the index, one number for all that is true. */
function whereTrue(args: Operands, x: Value, mask: Value, values: Value, isSum: boolean): Value {
  if (sizeOf(values.shape) !== 1)
    args.fail(
      'writes to as many places as the data makes true; use torch.where with values of the shape of the tensor',
    );
  const wide = tf.reshape(asFloat(mask.tensor), [...mask.shape, ...x.shape.slice(mask.rank).map(() => 1)]);
  const test = asBool(stretch(wide, x.shape));
  const before = numbersOf(x);
  const value = stretch(tf.reshape(numbersOf(castValue(values, x.dtype)), []), x.shape);
  return castValue(Value.of(tf.where(test, isSum ? tf.add(before, value) : value, before)), x.dtype);
}

function indexPut(args: Operands): Value {
  const x = args.value('self');
  const entries = args.list('indices').map((entry) => (entry instanceof Value ? entry : null));
  const [first] = entries;
  const isSum = args.flag('accumulate');
  if (first?.dtype === 'bool' && entries.length === 1) return whereTrue(args, x, first, args.value('values'), isSum);
  if (entries.some((entry) => entry?.dtype === 'bool'))
    args.fail('writes to places by truth values, so that their number depends on the data; use torch.where');
  const indices = entries.map((entry) => entry?.tensor ?? null);
  return atIndices(args, x, indices, args.value('values'), isSum ? 'add' : 'replace');
}

/** Indices of x that name places along one axis. */
function alongAxis(args: Operands, x: Value): (Tensor | null)[] {
  const axis = axisOf(args.int('dim'), x.rank);
  return Array.from({ length: axis + 1 }, (_, at) => (at === axis ? tf.reshape(args.tensor('index'), [-1]) : null));
}

/** Where the mask is true, the next elements of the source. */
function maskedScatter(args: Operands): Value {
  const [x, source] = [args.value('self'), args.tensor('source')];
  const mask = tf.reshape(stretch(asFloat(args.tensor('mask')), x.shape), [-1]);
  const order = tf.clipByValue(tf.sub(tf.cumsum(mask, 0), 1), 0, source.size - 1);
  const taken = lookUp(tf.reshape(source, [source.size]), asInt(order), 0);
  const flat = tf.reshape(numbersOf(x), [-1]);
  return castValue(Value.of(tf.reshape(tf.where(asBool(mask), taken, flat), [...x.shape])), x.dtype);
}

export const scatters: Operations = {
  index_put: indexPut,
  index_add(args) {
    const x = args.value('self');
    const source = args.value('source').map((v) => tf.mul(v, tf.scalar(args.number('alpha'), v.dtype as 'float32')));
    return atIndices(args, x, alongAxis(args, x), source, 'add');
  },
  index_copy(args) {
    const x = args.value('self');
    return atIndices(args, x, alongAxis(args, x), args.value('source'), 'replace');
  },
  index_fill(args) {
    const x = args.value('self');
    return atIndices(args, x, alongAxis(args, x), asValue(args.operand('value'), x.dtype), 'replace');
  },
  put(args) {
    const x = args.value('self');
    const places = fromEnd(args.tensor('index'), sizeOf(x.shape));
    return written(x, places, numbersOf(args.value('source')), args.flag('accumulate') ? 'add' : 'replace');
  },
  scatter: (args) => scatter(args, args.has('reduce') ? modeOf(args) : 'replace'),
  scatter_add: (args) => scatter(args, 'add'),
  scatter_reduce: (args) => scatter(args, modeOf(args), args.flag('include_self')),
  masked_scatter: maskedScatter,
  diagonal_scatter(args) {
    const x = args.value('self');
    const [a, b] = [axisOf(args.int('dim1'), x.rank), axisOf(args.int('dim2'), x.rank)];
    const { rows, columns } = diagonalPlaces(x.shape[a] as number, x.shape[b] as number, args.int('offset'));
    const rest = x.shape.map((_, axis) => axis).filter((axis) => axis !== a && axis !== b);
    const order = [...rest, a, b];
    const moved = Value.of(tf.transpose(numbersOf(x), order));
    const indices = [...rest.map(() => null), tf.tensor1d(rows, 'int32'), tf.tensor1d(columns, 'int32')];
    const y = atIndices(args, moved, indices, args.value('src'), 'replace');
    const back = order.map((_, axis) => order.indexOf(axis));
    return castValue(Value.of(tf.transpose(y.tensor, back)), x.dtype);
  },
};
