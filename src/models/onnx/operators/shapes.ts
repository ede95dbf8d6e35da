/** Shapes, views, joins and cuts. Shapes of shapes are known while the file is read; all else are views of tensors. */
import { sizeOf } from '../../../ndarray.ts';
import type { Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translations } from '../call.ts';
import { stretched } from '../folding.ts';
import { type KnownValue, known, maxKnown, type OnnxValue, type Scalar, type TensorValue } from '../values.ts';

const isWhole = (scalars: readonly Scalar[]): scalars is readonly number[] =>
  scalars.every((scalar) => typeof scalar === 'number');

function shape(call: Call): OnnxValue {
  const value = call.value(0);
  const rank = call.rank(value);
  const sizes = value.kind === 'known' ? value.shape : call.sizes(call.tensor(0));
  const place = (name: string, fallback: number) => {
    const at = call.int(name, fallback);
    return Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  };
  const part = sizes.slice(place('start', 0), place('end', rank));
  return known('int32', [part.length], part);
}

function productOf(call: Call, scalars: readonly Scalar[]): Scalar {
  return scalars.reduce<Scalar>((product, scalar) => call.scalar('mul', product, scalar), 1);
}

function size(call: Call): OnnxValue {
  const value = call.value(0);
  const sizes = value.kind === 'known' ? value.shape : call.sizes(call.tensor(0));
  return known('int32', [], [productOf(call, sizes)]);
}

/** A known value in another shape; undefined where it is a tensor. */
function reshapeKnown(call: Call, value: KnownValue, target: readonly Scalar[]): KnownValue {
  if (!isWhole(target)) return call.unsupported('gives numbers a shape that follows from inputs');
  const fixed = sizeOf(target.filter((extent) => extent !== -1));
  const whole = target.map((extent) => (extent === -1 ? value.elements.length / fixed : extent));
  if (sizeOf(whole) !== value.elements.length)
    call.fail(`cannot give ${value.elements.length} numbers the shape [${target}]`);
  return known(value.dtype, whole, value.elements);
}

function reshape(call: Call): OnnxValue {
  const value = call.value(0);
  const stated = call.scalars(1, 'its shape');
  const copies = call.int('allowzero', 0) === 0;
  const target = stated.map((extent, axis): Scalar => {
    if (extent !== 0 || !copies) return extent;
    return value.kind === 'known' ? (value.shape[axis] ?? 1) : call.builder.sizeAt(call.tensor(0), axis, call.origin);
  });
  if (value.kind === 'known') return reshapeKnown(call, value, target);
  const x = call.tensor(0);
  return call.emit(
    'reshape',
    { self: { ref: x.ref }, shape: target },
    { dtype: x.dtype, shape: withRest(call, x, target) },
  );
}

/** The extents of a shape, with that of -1 where all others are numbers. */
function withRest(call: Call, x: TensorValue, target: readonly Scalar[]): readonly Extent[] {
  const rest = target.indexOf(-1);
  const extents = call.extents(target);
  if (rest < 0) return extents;
  const others = extents.filter((_, axis) => axis !== rest);
  const own = [...(x.shape ?? [null])];
  // A symbol on both sides takes no part.
  for (const extent of others)
    if (typeof extent === 'string' && own.includes(extent)) {
      own[own.indexOf(extent)] = 1;
      others[others.indexOf(extent)] = 1;
    }
  const isFixed = (list: readonly Extent[]): list is number[] => list.every((extent) => typeof extent === 'number');
  const left = isFixed(own) && isFixed(others) ? sizeOf(own) / Math.max(sizeOf(others), 1) : null;
  return extents.map((extent, axis) => (axis === rest ? left : extent));
}

function flatten(call: Call): OnnxValue {
  const x = call.tensor(0);
  const rank = call.rank(x);
  const given = call.int('axis', 1);
  const axis = given < 0 ? given + rank : given;
  if (axis === 1 && rank > 1) {
    const rest = (x.shape ?? []).slice(1);
    const count = rest.every((extent) => typeof extent === 'number') ? sizeOf(rest as number[]) : null;
    return call.emit(
      'flatten',
      { self: { ref: x.ref }, start_dim: 1 },
      { dtype: x.dtype, shape: [x.shape?.[0] ?? null, count] },
    );
  }
  const sizes = call.sizes(x);
  const target = [productOf(call, sizes.slice(0, axis)), productOf(call, sizes.slice(axis))];
  return call.emit('reshape', { self: { ref: x.ref }, shape: target }, { dtype: x.dtype, shape: call.extents(target) });
}

function transpose(call: Call): OnnxValue {
  const x = call.tensor(0);
  const rank = call.rank(x);
  const dims = call.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (dims.length !== rank || new Set(dims).size !== rank) call.fail(`permutes [${dims}] of ${rank} axes`);
  const extents = x.shape === null ? null : dims.map((axis) => x.shape?.[axis] ?? null);
  if (rank === 2 && dims[0] === 1) return call.emit('t', { self: { ref: x.ref } }, { dtype: x.dtype, shape: extents });
  return call.emit('permute', { self: { ref: x.ref }, dims }, { dtype: x.dtype, shape: extents });
}

const axesOf = (call: Call): readonly number[] | undefined =>
  call.has(1) ? call.numbers(1, 'its axes') : call.ints('axes');

function squeeze(call: Call): OnnxValue {
  const value = call.value(0);
  const rank = call.rank(value);
  const axes = axesOf(call)?.map((axis) => call.axis(axis, rank));
  const keeps = (extent: Extent, axis: number) => (axes === undefined ? extent !== 1 : !axes.includes(axis));
  const own = shapeOf(value) ?? [];
  const extents = own.filter(keeps);
  if (value.kind === 'known') return known(value.dtype, extents as number[], value.elements);
  if (axes === undefined && own.some((extent) => typeof extent !== 'number'))
    call.unsupported('drops every axis of 1 of a shape that follows from inputs; name the axes');
  const dim = axes ?? own.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  return call.emit('squeeze', { self: call.ref(0), dim }, { dtype: dtypeOf(value), shape: extents });
}

function unsqueeze(call: Call): OnnxValue {
  const value = call.value(0);
  const axes = axesOf(call) ?? call.fail('lacks its axes');
  const rank = call.rank(value) + axes.length;
  const places = axes.map((axis) => call.axis(axis, rank)).sort((a, b) => a - b);
  const own = [...(shapeOf(value) ?? [])];
  const extents = Array.from(
    { length: rank },
    (_, axis): Extent => (places.includes(axis) ? 1 : (own.shift() ?? null)),
  );
  if (value.kind === 'known') return known(value.dtype, extents as number[], value.elements);
  let y = call.tensor(0);
  places.forEach((dim, index) => {
    const part =
      index === places.length - 1 ? extents : [...(y.shape ?? []).slice(0, dim), 1, ...(y.shape ?? []).slice(dim)];
    y = call.emit('unsqueeze', { self: { ref: y.ref }, dim }, { dtype: y.dtype, shape: part });
  });
  return y;
}

function concat(call: Call): OnnxValue {
  const values = Array.from({ length: call.inputCount }, (_, index) => call.value(index));
  const rank = Math.max(...values.map((value) => call.rank(value)));
  const axis = call.axis(call.int('axis', 0), rank);
  const [first] = values as [OnnxValue];
  if (values.every((value) => value.kind === 'known' && value.shape.length === 1)) {
    const elements = values.flatMap((value) => (value as KnownValue).elements);
    if (elements.length <= maxKnown) return known(dtypeOf(first), [elements.length], elements);
  }
  const tensors = values.map((_, index) => call.tensor(index));
  const extents = (tensors[0]?.shape ?? []).map((extent, at): Extent => {
    if (at !== axis) return extent;
    const along = tensors.map((tensor) => tensor.shape?.[axis] ?? null);
    return along.every((each) => typeof each === 'number') ? (along as number[]).reduce((a, b) => a + b, 0) : null;
  });
  const args = { tensors: tensors.map(({ ref }) => ({ ref })), dim: axis };
  return call.emit('cat', args, { dtype: dtypeOf(first), shape: extents });
}

function expand(call: Call): OnnxValue {
  const value = call.value(0);
  const target = call.scalars(1, 'its shape');
  const own = shapeOf(value) ?? [];
  const rank = Math.max(own.length, target.length);
  const at = (list: readonly Extent[], axis: number) => list[axis - rank + list.length];
  // ONNX broadcasts both ways: an extent of 1 in the shape keeps that of the value.
  const sizes = Array.from({ length: rank }, (_, axis): Scalar => {
    const wanted = target[axis - rank + target.length];
    const extent = at(own, axis);
    if (wanted === undefined || wanted === 1) {
      if (extent === undefined || typeof extent === 'number') return extent ?? 1;
      return call.builder.sizeAt(call.tensor(0), axis - rank + own.length, call.origin);
    }
    return wanted;
  });
  if (value.kind === 'known' && isWhole(sizes) && sizeOf(sizes) <= maxKnown)
    return known(value.dtype, sizes, stretched(value, sizes));
  return call.emit('expand', { self: call.ref(0), size: sizes }, { dtype: dtypeOf(value), shape: call.extents(sizes) });
}

function tile(call: Call): OnnxValue {
  const value = call.value(0);
  const repeats = call.scalars(1, 'its repeats');
  const extents = (shapeOf(value) ?? []).map((extent, axis): Extent => {
    const times = repeats[axis];
    if (times === 1) return extent;
    return typeof extent === 'number' && typeof times === 'number' ? extent * times : null;
  });
  return call.emit('repeat', { self: call.ref(0), repeats }, { dtype: dtypeOf(value), shape: extents });
}

export const shapes: Translations = {
  Shape: shape,
  Size: size,
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Expand: expand,
  Tile: tile,
  Identity: (call) => call.value(0),
  Dropout(call) {
    call.ignore('seed', 'ratio');
    return call.value(0);
  },
};
