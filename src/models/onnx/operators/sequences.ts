/** Sequences of tensors, as exporters write chunks and unbound axes. Their lengths are known while the file is read. */
import type { Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translations } from '../call.ts';
import type { OnnxValue } from '../values.ts';
import { pieces } from './cuts.ts';

/** Pieces of one place, of a stated size, or of stated sizes. */
function splitToSequence(call: Call): OnnxValue {
  const x = call.tensor(0);
  const axis = call.axis(call.int('axis', 0), call.rank(x));
  const keeps = call.int('keepdims', 1) === 1;
  const extent = x.shape?.[axis];
  const stated = call.has(1) ? call.known(1, 'the sizes of its parts') : null;
  const sizes = stated === null ? null : call.numbers(1, 'the sizes of its parts');
  if (stated === null || stated.shape.length === 0) {
    if (typeof extent !== 'number') return call.unsupported('splits an axis whose size follows from inputs');
    const size = sizes?.[0] ?? 1;
    const count = Math.ceil(extent / size);
    const parts = pieces(
      call,
      x,
      axis,
      Array.from({ length: count }, (_, at) => Math.min(size, extent - at * size)),
    );
    if (stated !== null || keeps) return { kind: 'list', values: parts };
    const values = parts.map((part) => {
      const shape = part.shape?.filter((_, at) => at !== axis) ?? null;
      return call.emit('squeeze', { self: { ref: part.ref }, dim: [axis] }, { dtype: x.dtype, shape });
    });
    return { kind: 'list', values };
  }
  return { kind: 'list', values: pieces(call, x, axis, sizes ?? []) };
}

function at(call: Call): OnnxValue {
  const { values } = call.list(0);
  const index = call.number(1, 'its place');
  return values[index < 0 ? index + values.length : index] ?? call.fail(`reads the place ${index} of ${values.length}`);
}

function concatenate(call: Call): OnnxValue {
  const { values } = call.list(0);
  const isNew = call.int('new_axis', 0) === 1;
  const axis = call.int('axis', 0);
  const [first] = values;
  const tensors = values.map(({ ref }) => ({ ref }));
  const dtype = first ? dtypeOf(first) : 'float32';
  if (isNew) return call.emit('stack', { tensors, dim: axis }, { dtype });
  const shape =
    (first ? shapeOf(first) : null)?.map(
      (extent, index, all): Extent => (call.axis(axis, all.length) === index ? null : extent),
    ) ?? null;
  return call.emit('cat', { tensors, dim: axis }, { dtype, shape });
}

export const sequences: Translations = {
  SplitToSequence: splitToSequence,
  SequenceAt: at,
  SequenceConstruct: (call) => ({
    kind: 'list',
    values: Array.from({ length: call.inputCount }, (_, index) => call.tensor(index)),
  }),
  SequenceLength: (call) => ({ kind: 'known', dtype: 'int32', shape: [], elements: [call.list(0).values.length] }),
  ConcatFromSequence: concatenate,
};
