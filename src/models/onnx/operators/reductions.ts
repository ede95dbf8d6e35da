/** Reductions, whose axes are an attribute in older opsets and an input in newer ones; sums up to each place; order. */
import type { Argument, Dtype, Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translate, type Translations } from '../call.ts';
import { known, type OnnxValue, plainNumbers, type Scalar, type TensorValue } from '../values.ts';

interface Axes {
  readonly dim: readonly number[];
  readonly keepdim: boolean;
  readonly shape: readonly Extent[] | null;
}

/** Null where nothing is reduced: no axes, and noop_with_empty_axes. */
function axesOf(call: Call): Axes | null {
  const value = call.value(0);
  const given = call.has(1) ? call.numbers(1, 'its axes') : (call.ints('axes') ?? []);
  const isNothing = call.int('noop_with_empty_axes', 0) === 1;
  const keepdim = call.int('keepdims', 1) === 1;
  if (given.length === 0 && isNothing) return null;
  const rank = call.rank(value);
  const dim =
    given.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : given.map((axis) => call.axis(axis, rank));
  const own = shapeOf(value);
  const shape = own?.flatMap((extent, axis): Extent[] => (!dim.includes(axis) ? [extent] : keepdim ? [1] : [])) ?? null;
  return { dim, keepdim, shape };
}

type Fold = (numbers: readonly number[]) => number;

const reduction =
  (op: string, args: Readonly<Record<string, Argument>> = {}, fold?: Fold): Translate =>
  (call) => {
    const axes = axesOf(call);
    const value = call.value(0);
    if (axes === null) return value;
    const numbers = value.kind === 'known' && fold ? plainNumbers(value) : null;
    if (numbers && fold && axes.dim.length === shapeOf(value)?.length)
      return known(dtypeOf(value), axes.shape as number[], [fold(numbers)]);
    const product = op === 'prod' && value.kind === 'known' && value.dtype === 'int32' && value.shape.length === 1;
    if (product && axes.dim.length === 1) {
      const whole = value.elements.reduce<Scalar>((a, b) => call.scalar('mul', a, b), 1);
      return known('int32', axes.shape as number[], [whole]);
    }
    const { dim, keepdim, shape } = axes;
    return call.emit(op, { self: call.ref(0), dim, keepdim, ...args }, { dtype: dtypeOf(value), shape });
  };

/** A reduction of a function of the elements, or a function of a reduction. */
const around =
  (before: string | null, op: string, after: string | null): Translate =>
  (call) => {
    const axes = axesOf(call);
    if (axes === null) return call.unsupported('reduces nothing (noop_with_empty_axes)');
    const { dim, keepdim, shape } = axes;
    const x =
      before === null ? call.tensor(0) : call.emit(before, { self: call.ref(0) }, { shape: shapeOf(call.value(0)) });
    const y = call.emit(op, { self: { ref: x.ref }, dim, keepdim }, { shape });
    return after === null ? y : call.emit(after, { self: { ref: y.ref } }, { shape });
  };

const places =
  (op: string): Translate =>
  (call): OnnxValue => {
    const axis = call.int('axis', 0);
    const keepdim = call.int('keepdims', 1) === 1;
    if (call.int('select_last_index', 0) === 1) call.unsupported('takes the last of equal elements; the first is read');
    const rank = call.rank(call.value(0));
    const at = call.axis(axis, rank);
    const shape =
      shapeOf(call.value(0))?.flatMap((extent, index): Extent[] => (index !== at ? [extent] : keepdim ? [1] : [])) ??
      null;
    return call.emit(op, { self: call.ref(0), dim: axis, keepdim }, { dtype: 'int32', shape });
  };

function cumulative(call: Call): OnnxValue {
  const axis = call.number(1, 'its axis');
  if (call.int('exclusive', 0) === 1)
    call.unsupported('sums up to the place before each (exclusive), which is not read');
  const isReversed = call.int('reverse', 0) === 1;
  const x = call.tensor(0);
  const dtype: Dtype = x.dtype;
  const flip = (y: TensorValue): TensorValue =>
    isReversed ? call.emit('flip', { self: { ref: y.ref }, dims: [axis] }, { dtype, shape: x.shape }) : y;
  return flip(call.emit('cumsum', { self: { ref: flip(x).ref }, dim: axis }, { dtype, shape: x.shape }));
}

function topK(call: Call): readonly OnnxValue[] {
  const k = call.number(1, 'its number of elements');
  const axis = call.int('axis', -1);
  const x = call.tensor(0);
  const at = call.axis(axis, call.rank(x));
  const shape = x.shape?.map((extent, index) => (index === at ? k : extent)) ?? null;
  const args = {
    self: { ref: x.ref },
    k,
    dim: axis,
    largest: call.int('largest', 1) === 1,
    sorted: call.int('sorted', 1) === 1,
  };
  return call.builder.emitSeveral(call.origin, 'topk', args, [
    { dtype: x.dtype, shape },
    { dtype: 'int32', shape },
  ]);
}

const total: Fold = (numbers) => numbers.reduce((a, b) => a + b, 0);

export const reductions: Translations = {
  ReduceSum: reduction('sum', {}, total),
  ReduceMean: reduction('mean'),
  ReduceMax: reduction('amax', {}, (numbers) => Math.max(...numbers)),
  ReduceMin: reduction('amin', {}, (numbers) => Math.min(...numbers)),
  ReduceProd: reduction('prod', {}, (numbers) => numbers.reduce((a, b) => a * b, 1)),
  ReduceL1: reduction('linalg_vector_norm', { ord: 1 }),
  ReduceL2: reduction('linalg_vector_norm', { ord: 2 }),
  ReduceLogSumExp: reduction('logsumexp'),
  ReduceLogSum: around(null, 'sum', 'log'),
  ReduceSumSquare: around('square', 'sum', null),
  ArgMax: places('argmax'),
  ArgMin: places('argmin'),
  CumSum: cumulative,
  TopK: topK,
};
