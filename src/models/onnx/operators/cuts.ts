/** Parts of tensors: slices, pieces, margins, triangles, and the exchange of channels with space. */
import type { Argument, Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translations } from '../call.ts';
import { type KnownValue, known, type OnnxValue, type Scalar, type TensorValue } from '../values.ts';
import { torchPads } from '../windows.ts';

const largest = 2 ** 31 - 1;

/** Bounds beyond 32 bits mean the ends of an axis. */
const bounded = (scalar: Scalar): Scalar =>
  typeof scalar === 'number' ? Math.min(Math.max(scalar, -largest), largest) : scalar;

interface Cut {
  readonly axis: number;
  readonly start: Scalar;
  readonly end: Scalar;
  readonly step: number;
}

function cutsOf(call: Call, rank: number): Cut[] {
  const starts = call.scalars(1, 'its starts');
  const ends = call.scalars(2, 'its ends');
  const axes = call.has(3) ? call.numbers(3, 'its axes') : starts.map((_, index) => index);
  const steps = call.has(4) ? call.numbers(4, 'its steps') : starts.map(() => 1);
  return axes.map((axis, index) => ({
    axis: call.axis(axis, rank),
    start: bounded(starts[index] as Scalar),
    end: bounded(ends[index] as Scalar),
    step: steps[index] as number,
  }));
}

/** Where a slice of numbers begins and ends in an axis. */
function rangeOf({ start, end, step }: Cut, extent: number): number[] | null {
  if (typeof start !== 'number' || typeof end !== 'number') return null;
  const hold = (place: number) => {
    const at = place < 0 ? place + extent : place;
    return step > 0 ? Math.min(Math.max(at, 0), extent) : Math.min(Math.max(at, -1), extent - 1);
  };
  const places: number[] = [];
  const [first, last] = [hold(start), end <= -largest ? -1 : hold(end)];
  for (let at = first; step > 0 ? at < last : at > last; at += step) places.push(at);
  return places;
}

function sliceKnown(call: Call, value: KnownValue): OnnxValue | undefined {
  if (value.shape.length !== 1) return undefined;
  const [cut] = cutsOf(call, 1);
  const places = cut && rangeOf(cut, value.elements.length);
  return places
    ? known(
        value.dtype,
        [places.length],
        places.map((at) => value.elements[at] as Scalar),
      )
    : undefined;
}

function slicedExtent(extent: Extent, cut: Cut): Extent {
  const { start, end, step } = cut;
  if (start === 0 && end === largest && step === 1) return extent;
  return typeof extent === 'number' ? (rangeOf(cut, extent)?.length ?? null) : null;
}

function slice(call: Call): OnnxValue {
  const value = call.value(0);
  const folded = value.kind === 'known' ? sliceKnown(call, value) : undefined;
  if (folded) return folded;
  let x = call.tensor(0);
  for (const cut of cutsOf(call, call.rank(x))) {
    const shape = x.shape?.map((extent, axis) => (axis === cut.axis ? slicedExtent(extent, cut) : extent)) ?? null;
    if (cut.step < 0) {
      if (cut.step !== -1 || cut.end !== -largest || (cut.start !== -1 && (cut.start as number) < largest))
        call.unsupported('steps backwards over a part of an axis; the whole axis in reverse is read');
      x = call.emit('flip', { self: { ref: x.ref }, dims: [cut.axis] }, { dtype: x.dtype, shape: x.shape });
      continue;
    }
    const args = { self: { ref: x.ref }, dim: cut.axis, start: cut.start, end: cut.end, step: cut.step };
    x = call.emit('slice', args, { dtype: x.dtype, shape });
  }
  return x;
}

/** Sizes of the pieces, stated or equal but for the last. */
function sizesOf(call: Call, extent: Extent, count: number): readonly number[] {
  if (call.has(1)) return call.numbers(1, 'the sizes of its parts');
  if (typeof extent !== 'number')
    return call.unsupported('splits an axis whose size follows from inputs; name the sizes of the parts');
  const size = Math.ceil(extent / count);
  return Array.from({ length: count }, (_, index) => Math.min(size, extent - index * size));
}

function split(call: Call): readonly OnnxValue[] {
  const value = call.value(0);
  const rank = call.rank(value);
  const axis = call.axis(call.int('axis', 0), rank);
  const sizes = sizesOf(call, shapeOf(value)?.[axis] ?? null, call.int('num_outputs', call.node.outputs.length));
  if (value.kind === 'known' && rank === 1) {
    let at = 0;
    return sizes.map((size) => {
      at += size;
      return known(value.dtype, [size], value.elements.slice(at - size, at));
    });
  }
  return pieces(call, call.tensor(0), axis, sizes);
}

export function pieces(call: Call, x: TensorValue, axis: number, sizes: readonly number[]): TensorValue[] {
  const results = sizes.map((size) => ({
    dtype: x.dtype,
    shape: x.shape?.map((extent, at): Extent => (at === axis ? size : extent)) ?? null,
  }));
  const args = { self: { ref: x.ref }, split_sizes: sizes, dim: axis };
  return call.builder.emitList(call.origin, 'split_with_sizes', args, results);
}

const modes: Readonly<Record<string, string>> = {
  constant: 'constant',
  reflect: 'reflect',
  edge: 'replicate',
  wrap: 'circular',
};

function pad(call: Call): OnnxValue {
  const x = call.tensor(0);
  const rank = call.rank(x);
  const pads = call.numbers(1, 'its margins');
  const mode = modes[call.text('mode', 'constant')] ?? call.fail('has a mode that is not known');
  const axes = call.has(3)
    ? call.numbers(3, 'its axes').map((axis) => call.axis(axis, rank))
    : (x.shape?.map((_, axis) => axis) ?? []);
  const side = (from: number) =>
    Array.from({ length: rank }, (_, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? 0 : (pads[from + at] as number);
    });
  const [before, after] = [side(0), side(axes.length)];
  const shape =
    x.shape?.map((extent, axis): Extent => {
      const added = (before[axis] as number) + (after[axis] as number);
      return added === 0 ? extent : typeof extent === 'number' ? extent + added : null;
    }) ?? null;
  const value = call.has(2) && mode === 'constant' ? call.number(2, 'the value of its margins') : 0;
  const list = torchPads(before, after);
  // Axes without margins are left out from the end of the list.
  while (list.length > 2 && list.at(-1) === 0 && list.at(-2) === 0) list.splice(-2);
  return call.emit('pad', { self: { ref: x.ref }, pad: list, mode, value }, { dtype: x.dtype, shape });
}

function triangle(call: Call): OnnxValue {
  const x = call.tensor(0);
  const diagonal = call.has(1) ? call.number(1, 'its diagonal') : 0;
  return call.emit(
    call.int('upper', 1) === 1 ? 'triu' : 'tril',
    { self: { ref: x.ref }, diagonal },
    { dtype: x.dtype, shape: x.shape },
  );
}

/** [n, c, h, w] with blocks of channels laid out in space; DCR orders them block first, CRD channel first. */
function depthToSpace(call: Call): OnnxValue {
  const x = call.tensor(0);
  const block = call.int('blocksize', 1);
  const mode = call.text('mode', 'DCR');
  if (mode === 'CRD') return call.emit('pixel_shuffle', { self: { ref: x.ref }, upscale_factor: block });
  const [n, c, h, w] = call.sizes(x) as [Scalar, Scalar, Scalar, Scalar];
  const depth = call.scalar('floordiv', c, block * block);
  const parts = call.emit('reshape', { self: { ref: x.ref }, shape: [n, block, block, depth, h, w] as Argument });
  const moved = call.emit('permute', { self: { ref: parts.ref }, dims: [0, 3, 4, 1, 5, 2] });
  const shape = [n, depth, call.scalar('mul', h, block), call.scalar('mul', w, block)];
  return call.emit('reshape', { self: { ref: moved.ref }, shape }, { shape: call.extents(shape) });
}

function spaceToDepth(call: Call): OnnxValue {
  const x = call.tensor(0);
  const block = call.int('blocksize', 1);
  const [n, c, h, w] = call.sizes(x) as [Scalar, Scalar, Scalar, Scalar];
  const [rows, columns] = [call.scalar('floordiv', h, block), call.scalar('floordiv', w, block)];
  const parts = call.emit('reshape', { self: { ref: x.ref }, shape: [n, c, rows, block, columns, block] as Argument });
  const moved = call.emit('permute', { self: { ref: parts.ref }, dims: [0, 3, 5, 1, 2, 4] });
  const shape = [n, call.scalar('mul', c, block * block), rows, columns];
  return call.emit('reshape', { self: { ref: moved.ref }, shape }, { shape: call.extents(shape) });
}

export const cuts: Translations = {
  Slice: slice,
  Split: split,
  Pad: pad,
  Trilu: triangle,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
