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
import type { Layer, Topology } from '../topology.ts';

export type Head = 'softmax' | 'sigmoid' | 'linear';

export interface SplitTopology {
  /** The same layers, names and node ids, with a linear final activation. */
  readonly topology: Topology;
  /** The activation that was removed. */
  readonly head: Head;
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
  if (head === null || !isReference(operand)) return { topology: first, head: 'linear' };
  return { topology: withOutputs(first, [operand.ref]), head };
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
  if (graphOf(topology)) return splitGraphHead(topology);
  const output = topology.nodes[topology.outputs[0] ?? -1];
  if (!output || topology.outputs.length !== 1) return { topology, head: 'linear' };
  const layer = topology.layers[output.layer] as Layer;
  const linear = linearise(layer.className, layer.config, output.shape.length);
  if (!linear) return { topology, head: 'linear' };
  const { head, ...changed } = linear;
  const isUsedElsewhere = topology.nodes.some(
    (node) => node.id !== output.id && (node.layer === output.layer || node.inputs.includes(output.id)),
  );
  if (isUsedElsewhere) {
    throw new AppError(
      'METHOD_NOT_APPLICABLE',
      `layer "${layer.name}" ends the model in ${head} but is also used inside it; give the output a layer of its own`,
      {
        details: { layer: layer.name },
      },
    );
  }
  const layers = topology.layers.with(output.layer, { ...layer, ...changed });
  return { topology: { ...topology, layers }, head };
}
