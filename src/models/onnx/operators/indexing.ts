/** Look-ups. A table read by whole numbers along its first axis is an embedding. */
import type { Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translations } from '../call.ts';
import { known, type OnnxValue, plainNumbers, type Scalar } from '../values.ts';

/** One place of an axis. */
function select(call: Call, axis: number, index: number): OnnxValue {
  const x = call.tensor(0);
  const shape = x.shape?.filter((_, at) => at !== axis) ?? null;
  return call.emit('select', { self: { ref: x.ref }, dim: axis, index }, { dtype: x.dtype, shape });
}

function gather(call: Call): OnnxValue {
  const [value, places] = [call.value(0), call.value(1)];
  const rank = call.rank(value);
  const axis = call.axis(call.int('axis', 0), rank);
  const fixed = places.kind === 'known' ? plainNumbers(places) : null;
  if (value.kind === 'known' && rank === 1 && fixed && places.kind === 'known') {
    const taken = fixed.map((at) => value.elements[at < 0 ? at + value.elements.length : at]);
    if (taken.includes(undefined)) call.fail(`reads the places [${fixed}] of ${value.elements.length}`);
    return known(value.dtype, places.shape, taken as Scalar[]);
  }
  if (fixed && places.kind === 'known' && places.shape.length === 0) return select(call, axis, fixed[0] as number);
  const [own, at] = [shapeOf(value), shapeOf(places)];
  const shape = own && at ? [...own.slice(0, axis), ...at, ...own.slice(axis + 1)] : null;
  const dtype = dtypeOf(value);
  const result = { dtype, shape };
  if (axis === 0 && rank === 2 && dtype === 'float32')
    return call.emit('embedding', { weight: call.ref(0), indices: call.ref(1) }, result);
  if (at?.length === 1) return call.emit('index_select', { self: call.ref(0), dim: axis, index: call.ref(1) }, result);
  const indices = [...Array.from({ length: axis }, () => null), call.ref(1)];
  return call.emit('index', { self: call.ref(0), indices }, result);
}

function gatherElements(call: Call): OnnxValue {
  const args = { self: call.ref(0), dim: call.int('axis', 0), index: call.ref(1) };
  return call.emit('gather', args, { dtype: dtypeOf(call.value(0)), shape: shapeOf(call.value(1)) });
}

/** Without batch axes, an index for each leading axis. */
function gatherNd(call: Call): OnnxValue {
  if (call.int('batch_dims', 0) !== 0) call.unsupported('looks up along batch axes (batch_dims), which is not read');
  const [x, places] = [call.tensor(0), call.tensor(1)];
  const last = places.shape?.at(-1);
  if (typeof last !== 'number') return call.unsupported('looks up by indices whose number the file does not state');
  const lead = places.shape?.slice(0, -1) ?? [];
  const indices = Array.from({ length: last }, (_, index) => {
    const args = { self: { ref: places.ref }, dim: lead.length, index };
    return { ref: call.emit('select', args, { dtype: places.dtype, shape: lead }).ref };
  });
  const shape: readonly Extent[] | null = x.shape ? [...lead, ...x.shape.slice(last)] : null;
  return call.emit('index', { self: { ref: x.ref }, indices }, { dtype: x.dtype, shape });
}

function oneHot(call: Call): OnnxValue {
  const classes = call.number(1, 'its number of classes');
  const values = call.numbers(2, 'its values');
  const rank = call.rank(call.value(0));
  const axis = call.int('axis', -1);
  if (axis !== -1 && axis !== rank) call.unsupported('lays the classes along an inner axis; the last one is read');
  const [off, on] = values as [number, number];
  const shape = [...(shapeOf(call.value(0)) ?? []), classes];
  const dtype = dtypeOf(call.value(2));
  const hot = call.emit('one_hot', { self: call.ref(0), num_classes: classes }, { dtype: 'int32', shape });
  const typed =
    dtype === 'int32' ? hot : call.emit('to', { self: { ref: hot.ref }, dtype: { dtype } }, { dtype, shape });
  if (off === 0 && on === 1) return typed;
  const scaled = call.emit('mul', { self: { ref: typed.ref }, other: on - off }, { dtype, shape });
  return call.emit('add', { self: { ref: scaled.ref }, other: off }, { dtype, shape });
}

export const indexing: Translations = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  OneHot: oneHot,
};
