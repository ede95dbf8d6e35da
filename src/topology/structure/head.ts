/**
 * Separates a network from the activation that turns its logits into probabilities, so that losses work on logits.
 *
 *   loss(softmax(z), y) loses digits where softmax saturates; cross-entropy from z itself does not
 */
import { AppError } from '../../errors.ts';
import type { SoftmaxConfig } from '../layers/activation.ts';
import type { TimeDistributedConfig } from '../layers/time-distributed.ts';
import { graphOf, isGraphLayer } from '../operation-graph/build.ts';
import { type GraphNode, inputNames, isReference, type OperationGraph } from '../operation-graph/graph.ts';
import type { Layer, Topology } from '../topology.ts';

export type Head = 'softmax' | 'sigmoid' | 'linear';

export interface SplitTopology {
  /** The same layers, names and node ids; the last activation is linear. */
  readonly topology: Topology;
  /** What was taken off. */
  readonly head: Head;
}

/** Classes whose `activation` is applied to their output; that of a recurrent layer is inside the recurrence. */
const OUTPUT_ACTIVATION = /^(Activation|Dense|EinsumDense|.*Conv\w*)$/;

const isHead = (activation: unknown): activation is Head => activation === 'softmax' || activation === 'sigmoid';

type Linearised = Pick<Layer, 'className' | 'config'> & { readonly head: Head };

/** A layer that computes the same without its activation; undefined when it ends in none. */
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

/** The logits of a graph that ends in a softmax over the last axis or a sigmoid. Of several outputs the first counts, as losses of PyTorch take it. */
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

/** A topology of a graph that gives its first output only: what losses are taken of. Networks of layers stay as they are. */
export function firstOutput(topology: Topology): Topology {
  const graph = graphOf(topology);
  return graph && graph.outputs.length > 1 ? withOutputs(topology, graph.outputs.slice(0, 1)) : topology;
}

/** Outputs that have the shape of the first. */
function withOutputs(topology: Topology, outputs: readonly string[]): Topology {
  const [first = -1] = topology.outputs;
  const layers = topology.layers.map((layer) =>
    isGraphLayer(layer) ? { ...layer, config: { ...(layer.config as OperationGraph), outputs } } : layer,
  );
  return { ...topology, layers, nodes: topology.nodes.slice(0, first + 1), outputs: [first] };
}

/**
 * Makes a final softmax or sigmoid linear: a last Activation or Softmax layer, or the activation of a last Dense or convolution.
 *
 * A model with several outputs is left alone. Throws METHOD_NOT_APPLICABLE when the last layer is also used inside the model.
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
