/**
 * Look-ups by whole numbers. Their derivative adds up what came from each place.
 *
 * Several index tensors x[i, j] become one: with extents b of the second axis, element (i, j) lies at i b + j. Negative numbers count from the end.
 */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operations } from './arguments.ts';
import { asBool, asFloat, asInt, asValue, axisOf, broadcastShape, stretch } from './common.ts';
import { Value } from './value.ts';

/** Negative places of an axis of `extent` counted from its end. */
export const fromEnd = (places: Tensor, extent: number): Tensor =>
  tf.add(asInt(places), tf.mul(asInt(tf.less(asInt(places), tf.scalar(0, 'int32'))), tf.scalar(extent, 'int32')));

export const lookUp = (x: Tensor, places: Tensor, axis: number): Tensor => {
  const flat = tf.reshape(asInt(places), [places.size]) as ReturnType<typeof tf.tensor1d>;
  const taken = tf.gather(x, flat, axis);
  return tf.reshape(taken, [...x.shape.slice(0, axis), ...places.shape, ...x.shape.slice(axis + 1)]);
};

/** Flat places, in a tensor of this shape, of the elements that `places` names along an axis. */
export function placesAlong(shape: readonly number[], axis: number, places: Tensor): Tensor {
  const strides = shape.map((_, at) => sizeOf(shape.slice(at + 1)));
  return places.shape.reduce(
    (total, extent, at) => {
      if (at === axis) return total;
      const along = places.shape.map((_, i) => (i === at ? extent : 1));
      const steps = Int32Array.from({ length: extent }, (_, i) => i * (strides[at] as number));
      return tf.add(total, tf.tensor(steps, along, 'int32'));
    },
    tf.mul(fromEnd(places, shape[axis] as number), tf.scalar(strides[axis] as number, 'int32')) as Tensor,
  );
}

/** y[.., i, ..] = x[.., places[.., i, ..], ..] along an axis; the other axes of `places` may be shorter than those of x. */
export function takeAlong(x: Tensor, axis: number, places: Tensor): Tensor {
  if (x.dtype === 'bool') return asBool(takeAlong(asInt(x), axis, places));
  if (x.rank === 0) return tf.reshape(x, [...places.shape]);
  return lookUp(tf.reshape(x, [x.size]), placesAlong(x.shape, axis, places), 0);
}

/** x[i, :, j]: the axes that are indexed become those of the indices, in the place of the first where they lie side by side, else in front. */
function index(args: Operands): Value {
  const x = args.value('self');
  const list = args.list('indices');
  const indices = list.flatMap((entry, axis) => (entry instanceof Value ? [{ axis, entry }] : []));
  if (indices.length === 0) return x;
  if (indices.some(({ entry }) => entry.dtype === 'bool'))
    args.fail('picks elements by truth values, so that its shape depends on the data; use torch.where');
  const axes = indices.map(({ axis }) => axis);
  const shape = broadcastShape(indices.map(({ entry }) => entry.shape));
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const together = axes.every((axis, at) => at === 0 || axis === (axes[at - 1] as number) + 1);
  const front = together ? rest.filter((axis) => axis < (axes[0] as number)) : [];
  const order = [...front, ...axes, ...rest.filter((axis) => !front.includes(axis))];
  const isMoved = order.some((axis, at) => axis !== at);
  const source = x.dtype === 'bool' ? asInt(x.tensor) : x.tensor;
  const moved = isMoved ? tf.transpose(source, order) : source;
  const extents = axes.map((axis) => x.shape[axis] as number);
  const flat = tf.reshape(moved, [
    ...front.map((axis) => x.shape[axis] as number),
    sizeOf(extents),
    ...rest.slice(front.length).map((axis) => x.shape[axis] as number),
  ]);
  const places = indices
    .map(({ entry }, at) =>
      tf.mul(fromEnd(entry.tensor, extents[at] as number), tf.scalar(sizeOf(extents.slice(at + 1)), 'int32')),
    )
    .reduce((a, b) => tf.add(a, b));
  const y = lookUp(flat, stretch(places, shape), front.length);
  return x.dtype === 'bool' ? Value.of(tf.notEqual(y, tf.scalar(0, 'int32'))) : Value.of(y);
}

function embedding(args: Operands): Value {
  const [weight, indices] = [args.value('weight'), args.tensor('indices')];
  return Value.of(weight.applyLinear((table) => lookUp(table, indices, 0)));
}

const modes = ['sum', 'mean', 'max'] as const;

/** Rows of a table, put together bag by bag: the bags are rows of `indices`, or begin at `offsets` that are constants. */
function embeddingBag(args: Operands): Value {
  const [weight, indices, offsets] = [args.tensor('weight'), args.value('indices'), args.value('offsets')];
  const mode = modes[args.int('mode')];
  const bags = offsets.shape[0] as number;
  const size = sizeOf(indices.shape) / bags;
  if (args.flag('include_last_offset') || !Number.isInteger(size) || mode === 'max')
    args.fail('reads bags of equal length only, by sum or mean; use Embedding and a sum over an axis');
  const rows = lookUp(weight, tf.reshape(indices.tensor, [bags, size]), 0); // [bags, size, d]
  const padding = args.maybeInt('padding_idx');
  const counted =
    padding === undefined || padding < 0
      ? null
      : asFloat(tf.notEqual(tf.reshape(asInt(indices.tensor), [bags, size]), tf.scalar(padding, 'int32')));
  const factors = args.maybe('per_sample_weights');
  let weighted = factors ? tf.mul(rows, tf.reshape(factors.tensor, [bags, size, 1])) : rows;
  if (counted) weighted = tf.mul(weighted, tf.expandDims(counted, -1));
  const sum = tf.sum(weighted, 1);
  if (mode === 'sum') return Value.of(sum);
  return Value.of(counted ? tf.div(sum, tf.maximum(tf.sum(counted, 1, true), 1)) : tf.mul(sum, 1 / size));
}

const takeFlat = (x: Tensor, places: Tensor): Value =>
  Value.of(lookUp(tf.reshape(x, [x.size]), fromEnd(places, x.size), 0));

/** Whether each element is among others. */
function isIn(args: Operands, others: Tensor): Value {
  const x = asValue(args.operand('elements'), 'float32').tensor;
  const equal = tf.equal(tf.expandDims(x, -1), tf.reshape(asFloat(others), [-1]));
  const found = tf.greater(tf.sum(asInt(equal), -1), tf.scalar(0, 'int32'));
  return Value.of(args.flag('invert') ? tf.logicalNot(found) : found);
}

/** How many of sorted bounds lie below each element, or at it with `right`. */
function placesBetween(x: Tensor, bounds: Tensor, isRight: boolean): Value {
  const wide = tf.expandDims(asFloat(x), -1);
  const edges = bounds.rank <= 1 ? asFloat(bounds) : tf.expandDims(asFloat(bounds), -2);
  return Value.of(tf.sum(asInt(isRight ? tf.lessEqual(edges, wide) : tf.less(edges, wide)), -1));
}

export const indexing: Operations = {
  embedding,
  embedding_bag: (args) => [embeddingBag(args)],
  _embedding_bag: (args) => [embeddingBag(args)],
  gather(args) {
    const x = args.tensor('self');
    return Value.of(takeAlong(x, axisOf(args.int('dim'), x.rank), args.tensor('index')));
  },
  take_along_dim(args) {
    const x = args.tensor('self');
    if (!args.has('dim')) return takeFlat(x, args.tensor('indices'));
    return Value.of(takeAlong(x, axisOf(args.int('dim'), x.rank), args.tensor('indices')));
  },
  index_select(args) {
    const x = args.tensor('self');
    const axis = axisOf(args.int('dim'), x.rank);
    return Value.of(
      x.dtype === 'bool' ? asBool(lookUp(asInt(x), args.tensor('index'), axis)) : lookUp(x, args.tensor('index'), axis),
    );
  },
  take: (args) => takeFlat(args.tensor('self'), args.tensor('index')),
  index,
  isin: (args) => isIn(args, args.tensor('test_elements')),
  'isin.Tensor_Scalar': (args) => isIn(args, tf.scalar(args.number('test_element'))),
  bucketize(args) {
    const x = args.operand('self');
    return placesBetween(asValue(x, 'float32').tensor, args.tensor('boundaries'), args.flag('right'));
  },
  searchsorted(args) {
    if (args.has('sorter')) args.fail('has a sorter; sort the sequence first');
    const isRight = args.flag('right') || args.maybeText('side') === 'right';
    return placesBetween(asValue(args.operand('self'), 'float32').tensor, args.tensor('sorted_sequence'), isRight);
  },
  one_hot(args) {
    const classes = args.int('num_classes');
    if (classes < 0) args.fail('gives as many columns as the data has classes; name num_classes');
    return Value.of(tf.oneHot(asInt(args.tensor('self')), classes, 1, 0, 'int32'));
  },
};
