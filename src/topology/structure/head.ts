/**
 * Separates a network from its final activation, which converts logits to probabilities, so that losses are computed from logits.
 *
 *   cross-entropy from softmax(z) loses digits where softmax saturates; from z itself it does not
 */
import { AppError } from '../../errors.ts';
import type { SoftmaxConfig } from '../layers/activation.ts';
import type { TimeDistributedConfig } from '../layers/time-distributed.ts';
import { graphOf, isGraphLayer } from '../operation-graph/build.ts';
import { type GraphNode, inputNames, isReference, type OperationGraph } from '../operation-graph/graph.ts';
import type { Layer, Node, Topology } from '../topology.ts';

export type Head = 'softmax' | 'sigmoid' | 'linear';

export interface SplitTopology {
  /** The same layers, names and node ids, with a linear final activation. */
  readonly topology: Topology;
  /** What was taken off the only output; linear for a model with several that was left alone. */
  readonly head: Head;
  /** What was taken off each output. */
  readonly heads: readonly Head[];
}

/** Classes whose `activation` is applied to their output; in recurrent layers it is inside the recurrence. */
const OUTPUT_ACTIVATION = /^(Activation|Dense|EinsumDense|.*Conv\w*)$/;

const isHead = (activation: unknown): activation is Head => activation === 'softmax' || activation === 'sigmoid';

type Linearised = Pick<Layer, 'className' | 'config'> & { readonly head: Head };

/** The layer without its activation; undefined when it has none. */
function linearise(className: string, config: unknown, rank: number): Linearised | undefined {
  if (className === 'Softmax') {
    const [axis, ...others] = (config as SoftmaxConfig).axes;
    const isLast = others.length === 0 && (axis === -1 || axis === rank);
    return isLast ? { className: 'Activation', config: { activation: 'linear' }, head: 'softmax' } : undefined;
  }
  if (className === 'TimeDistributed') {
    const wrapper = config as TimeDistributedConfig;
    const inner = linearise(wrapper.className, wrapper.config, rank - 1);
    return (
      inner && { className, config: { ...wrapper, className: inner.className, config: inner.config }, head: inner.head }
    );
  }
  if (!OUTPUT_ACTIVATION.test(className)) return undefined;
  const { activation } = config as { activation?: unknown };
  return isHead(activation)
    ? { className, config: { ...(config as object), activation: 'linear' }, head: activation }
    : undefined;
}

/** The logits of a graph that ends in a softmax over the last axis or a sigmoid. Of several outputs, the first is used, as losses of PyTorch do. */
function splitGraphHead(topology: Topology): SplitTopology {
  const first = firstOutput(topology);
  const graph = graphOf(first) as OperationGraph;
  const [output = ''] = graph.outputs;
  const last = graph.nodes.find((node) => node.outputs.includes(output));
  const operand = last?.args.self;
  const head = last && isReference(operand) ? headOf(last, graph) : null;
  if (head === null || !isReference(operand)) return { topology: first, head: 'linear', heads: ['linear'] };
  return { topology: withOutputs(first, [operand.ref]), head, heads: [head] };
}

function headOf({ op, args, outputs }: GraphNode, { shapes, nodes }: OperationGraph): Head | null {
  const isRead = nodes.some((node) => inputNames(node).some((name) => outputs.includes(name)));
  if (isRead) return null;
  if (op === 'sigmoid') return 'sigmoid';
  if (op !== 'softmax' && op !== '_softmax') return null;
  const rank = shapes.find(({ name }) => outputs.includes(name))?.shape.length;
  return args.dim === -1 || (rank !== undefined && args.dim === rank - 1) ? 'softmax' : null;
}

/** The topology of an operation graph with its first output only, of which losses are computed. Networks of layers are unchanged. */
export function firstOutput(topology: Topology): Topology {
  const graph = graphOf(topology);
  return graph && graph.outputs.length > 1 ? withOutputs(topology, graph.outputs.slice(0, 1)) : topology;
}

/** The topology with other outputs of the same shape as the first one. */
function withOutputs(topology: Topology, outputs: readonly string[]): Topology {
  const [first = -1] = topology.outputs;
  const layers = topology.layers.map((layer) =>
    isGraphLayer(layer) ? { ...layer, config: { ...(layer.config as OperationGraph), outputs } } : layer,
  );
  return { ...topology, layers, nodes: topology.nodes.slice(0, first + 1), outputs: [first] };
}

/**
 * Removes a final softmax or sigmoid: a last Activation or Softmax layer, or the activation of a last Dense or convolution.
 *
 * A model with several outputs is unchanged. Throws METHOD_NOT_APPLICABLE when the last layer is also used inside the model.
 */
export function splitHead(topology: Topology): SplitTopology {
  if (topology.outputs.length === 1 || graphOf(topology)) return splitHeads(topology);
  return { topology, head: 'linear', heads: topology.outputs.map(() => 'linear') };
}

/** The same for every output of a model with several. Throws as `splitHead`. */
export function splitHeads(topology: Topology): SplitTopology {
  if (graphOf(topology)) return splitGraphHead(topology);
  const linear = topology.outputs.map((id) => linearOutput(topology, id));
  const heads = linear.map((output) => output?.head ?? 'linear');
  const layers = linear.reduce(
    (all, output) => (output ? all.with(output.position, output.layer) : all),
    [...topology.layers],
  );
  const [head = 'linear', ...others] = heads;
  return { topology: { ...topology, layers }, head: others.length === 0 ? head : 'linear', heads };
}

/** The layer of an output without the activation that ends it; null where it ends in none. */
function linearOutput(topology: Topology, id: number): { position: number; layer: Layer; head: Head } | null {
  const output = topology.nodes[id] as Node;
  const layer = topology.layers[output.layer] as Layer;
  const linear = linearise(layer.className, layer.config, output.shape.length);
  if (!linear) return null;
  const { head, ...changed } = linear;
  const isUsedElsewhere = topology.nodes.some(
    (node) => node.inputs.includes(id) || (node.layer === output.layer && !topology.outputs.includes(node.id)),
  );
  if (!isUsedElsewhere) return { position: output.layer, layer: { ...layer, ...changed }, head };
  throw new AppError(
    'METHOD_NOT_APPLICABLE',
    `layer "${layer.name}" ends the model in ${head} but is also used inside it; give the output a layer of its own`,
    { details: { layer: layer.name } },
  );
}
