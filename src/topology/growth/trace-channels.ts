/** Traces the channels of a network through its layers, together with the channels of a smaller network that they repeat. */
import { AppError } from '../../errors.ts';
import type { ConcatenateConfig } from '../layers/concatenate.ts';
import type { MarginsConfig } from '../layers/padding.ts';
import { isLinear, unwrapped } from '../structure/output-kernel.ts';
import { type Layer, layerAt, type Node, type Shape, type Topology } from '../topology.ts';
import { type ChannelMap, free, tie } from './channel-map.ts';

/** A tensor whose channels lie on one axis. */
interface Traced {
  readonly map: ChannelMap;
  /** Index of the axis, without the batch axis. */
  readonly axis: number;
}

export interface TraceContext {
  readonly target: Topology;
  readonly source: Topology;
  /** The layer of the source that corresponds to a layer with parameters, by name. */
  readonly counterparts: ReadonlyMap<string, Layer>;
  /** Layers of new residual branches: the source does not have them, and they have no effect at the start, whatever their inputs are. */
  readonly silent: ReadonlySet<string>;
}

const refuse = (layer: Layer, message: string): never => {
  throw new AppError('METHOD_NOT_APPLICABLE', `net2net: layer "${layer.name}" (${layer.className}) ${message}`);
};

const extentAt = (shape: Shape, axis: number): number => shape[axis] ?? 0;
const sums = /^(Add|Subtract|Average|Maximum|Minimum|Multiply|CustomScaleLayer)$/;

/** Number of units of a layer, by its parameters; null for classes whose units cannot be repeated. */
export function unitsOf(layer: Layer): number | null {
  const { className } = unwrapped(layer);
  const last = (pattern: RegExp, axis: number) => layer.params.find(({ key }) => pattern.test(key))?.shape.at(axis);
  if (/^Conv\dDTranspose$/.test(className)) return last(/(^|\/)kernel$/, -2) ?? null;
  if (className.startsWith('Separable')) return last(/pointwise_kernel$/, -1) ?? null;
  if (className === 'Embedding') return last(/embeddings$/, -1) ?? null;
  if (className === 'MultiHeadAttention') return last(/attention_output\/kernel$/, -1) ?? null;
  return isLinear(layer) && !className.startsWith('Depthwise') ? (last(/(^|\/)kernel$/, -1) ?? null) : null;
}

/** @returns the channel map of every node, by node id. Throws METHOD_NOT_APPLICABLE naming the layer that cannot be traced. */
export function traceChannels(context: TraceContext): ChannelMap[] {
  const { target } = context;
  const traced: Traced[] = [];
  const outputs = new Map<number, ChannelMap>();
  for (const node of target.nodes) {
    const layer = layerAt(target, node.id);
    const inputs = node.inputs.map((id) => traced[id] as Traced);
    const result = target.inputs.includes(node.id)
      ? {
          map: { kind: 'same', extent: extentAt(node.shape, node.shape.length - 1) } as const,
          axis: node.shape.length - 1,
        }
      : traceLayer(context, layer, node, inputs);
    const earlier = outputs.get(node.layer);
    if (earlier && !tie(earlier, result.map)) refuse(layer, 'is shared by tensors that repeat different channels');
    outputs.set(node.layer, result.map);
    traced[node.id] = result;
  }
  for (const id of target.outputs) {
    const { map } = traced[id] as Traced;
    const layer = layerAt(target, id);
    const units = target.nodes[id]?.shape.at(-1);
    if (!tie(map, { kind: 'same', extent: units ?? 0 }))
      refuse(layer, 'gives another number of outputs than in the source');
  }
  return traced.map(({ map }) => map);
}

function traceLayer(context: TraceContext, layer: Layer, node: Node, inputs: readonly Traced[]): Traced {
  const [first] = inputs;
  const { target } = context;
  const last = node.shape.length - 1;
  const extent = extentAt(node.shape, last);
  const { className } = unwrapped(layer);
  if (first === undefined) return refuse(layer, 'reads nothing');
  const inputShape = (target.nodes[node.inputs[0] as number] as Node).shape;
  const counterpart = context.counterparts.get(layer.name);
  const units = unitsOf(layer);
  if (units !== null) {
    if (counterpart) return { map: widened(layer, extent, unitsOf(counterpart)), axis: last };
    if (context.silent.has(layer.name)) return { map: free(extent, null), axis: last };
    return { map: first.map, axis: last };
  }
  if (className.startsWith('Depthwise')) {
    const by = extent / extentAt(inputShape, first.axis);
    return { map: by === 1 ? first.map : { kind: 'multiplied', of: first.map, by }, axis: last };
  }
  if (sums.test(className)) return traceSum(layer, node, inputs, target);
  if (className === 'Concatenate') return traceJoin(layer, node, inputs);
  if (className === 'Flatten' || className === 'Reshape') return traceReshape(layer, inputShape, node.shape, first);
  if (className.startsWith('ZeroPadding') && extentAt(node.shape, first.axis) !== extentAt(inputShape, first.axis))
    return tracePadding(context, layer, first);
  const isKept = first.axis === inputShape.length - 1 && extent === inputShape.at(-1);
  return isKept && inputs.length === 1 ? { map: first.map, axis: last } : traceUnknown(layer, node, inputs, target);
}

function widened(layer: Layer, units: number, of: number | null): ChannelMap {
  if (of !== null && of <= units) return free(units, of);
  return refuse(layer, `has ${units} units where the source has ${of}: weight-selection makes networks smaller`);
}

/** A layer without a rule for its channels must be equal in both networks. */
function traceUnknown(layer: Layer, node: Node, inputs: readonly Traced[], target: Topology): Traced {
  const isSame = inputs.every(({ map, axis }, index) => {
    const shape = target.nodes[node.inputs[index] as number]?.shape ?? [];
    return tie(map, { kind: 'same', extent: extentAt(shape, axis) });
  });
  if (!isSame)
    return refuse(layer, 'mixes channels in a way that cannot be repeated: its extents must be those of the source');
  const axis = node.shape.length - 1;
  return { map: { kind: 'same', extent: extentAt(node.shape, axis) }, axis };
}

function traceSum(layer: Layer, node: Node, inputs: readonly Traced[], { nodes }: Topology): Traced {
  const extent = extentAt(node.shape, node.shape.length - 1);
  const whole = inputs.filter((_, index) => nodes[node.inputs[index] as number]?.shape.at(-1) === extent);
  const [first, ...others] = whole as [Traced, ...Traced[]];
  for (const other of others)
    if (other.axis !== first.axis || !tie(first.map, other.map))
      return refuse(layer, 'joins tensors that repeat different channels of the source');
  return first;
}

function traceJoin(layer: Layer, node: Node, inputs: readonly Traced[]): Traced {
  const { axis: given } = layer.config as ConcatenateConfig;
  const axis = given < 0 ? node.shape.length + given : given - 1;
  const [first, ...others] = inputs as [Traced, ...Traced[]];
  if (axis === first.axis) return { map: { kind: 'joined', parts: inputs.map(({ map }) => map) }, axis };
  for (const other of others)
    if (!tie(first.map, other.map)) return refuse(layer, 'joins tensors that repeat different channels of the source');
  return first;
}

const sizeOf = (shape: Shape) => shape.reduce<number>((size, extent) => size * (extent ?? 0), 1);

function traceReshape(layer: Layer, from: Shape, to: Shape, { map, axis }: Traced): Traced {
  const channels = extentAt(from, axis);
  const inner = sizeOf(from.slice(axis + 1));
  const kept = to.findIndex((extent, index) => extent === channels && sizeOf(to.slice(index + 1)) === inner);
  if (kept >= 0) return { map, axis: kept };
  const last = to.length - 1;
  const times = extentAt(to, last) / channels;
  if (inner === 1 && Number.isInteger(times)) return { map: { kind: 'spread', times, of: map }, axis: last };
  return refuse(layer, 'takes channels apart');
}

/** Channels of zeros before and after, as many repeated ones as the layer of the same name in the source adds. */
function tracePadding({ source }: TraceContext, layer: Layer, { map, axis }: Traced): Traced {
  const counterpart = source.layers.find(({ name }) => name === layer.name);
  const pads = (of: Layer) => (of.config as MarginsConfig).margins[axis];
  const [own, other] = [pads(layer), counterpart && pads(counterpart)];
  if (own === undefined || other === undefined) return refuse(layer, 'pads channels, and the source has no such layer');
  const zeros = own.map((count, side) => free(count, other[side] as number));
  const parts = [zeros[0] as ChannelMap, map, zeros[1] as ChannelMap].filter(
    (_, index) => index === 1 || own[index / 2] !== 0,
  );
  return { map: { kind: 'joined', parts }, axis };
}
