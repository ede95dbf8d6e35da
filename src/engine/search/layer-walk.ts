/**
 * One pass through a network in inference mode, layer by layer from front to back.
 *
 * The outputs of earlier layers are kept until their last reader has run, so that a pass costs a few forward passes of each layer: O(L). Running
 * the network again for each change would be O(L^2).
 */
import type { Batch } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import type { Layer, Node, Topology } from '../../topology/topology.ts';
import { findForward } from '../network/find-forward.ts';
import type { ForwardContext, LayerForward } from '../network/layer-forward.ts';
import { plainWeight } from '../network/weights.ts';
import { type Tensor, tf } from '../tf.ts';

export type Arrays = Map<string, NDArray<'float32'>>;

/** One application of a layer. */
export interface LayerCall {
  readonly layer: Layer;
  readonly node: Node;
  readonly inputs: readonly Tensor[];
}

/** Dropout is off; batch normalisation uses its moving statistics by default. The caller owns the result. */
export function forwardLayer(
  { layer, node, inputs }: LayerCall,
  weights: Arrays,
  batchNorm: ForwardContext['batchNorm'] = 'moving',
): Tensor {
  const run = findForward(layer.className) as LayerForward | undefined;
  if (!run)
    throw new AppError('LAYER_UNKNOWN', `layer "${layer.name}": the engine cannot run the class ${layer.className}`);
  return tf.tidy(() => {
    const values = layer.params.map(({ key, name }) => {
      const { data, shape } = weights.get(name) as NDArray<'float32'>;
      return [key, plainWeight(tf.tensor(data, [...shape]))] as const;
    });
    const output = run(layer.config as never, inputs, Object.fromEntries(values), {
      batchNorm,
      call: node.call,
    });
    // A layer may return its input; the clone belongs to the caller alone.
    return inputs.includes(output) ? output.clone() : output;
  });
}

/** Counts the remaining readers of each node's output and frees outputs without readers. */
function createOutputs({ nodes, outputs }: Topology) {
  const readers = nodes.map(() => 0);
  for (const id of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) readers[id] = (readers[id] ?? 0) + 1;
  const tensors = new Map<number, Tensor>();
  const release = (id: number) => {
    readers[id] = (readers[id] ?? 0) - 1;
    if (readers[id] > 0) return;
    tensors.get(id)?.dispose();
    tensors.delete(id);
  };
  return {
    get: (id: number) => tensors.get(id) as Tensor,
    set: (id: number, tensor: Tensor) => tensors.set(id, tensor),
    release,
    dispose: () => {
      for (const tensor of tensors.values()) tensor.dispose();
    },
  };
}

/**
 * Runs every layer once. `visit` is called before a node's forward pass, with the tensors that the layer reads, and may change `weights`.
 *
 * @throws the errors of layers; no tensor is left allocated
 */
export async function walkLayers(
  topology: Topology,
  weights: Arrays,
  { inputs }: Pick<Batch, 'inputs'>,
  visit: (call: LayerCall, first: boolean) => Promise<void>,
  batchNorm: ForwardContext['batchNorm'] = 'moving',
): Promise<void> {
  const visited = new Set<number>();
  const outputs = createOutputs(topology);
  try {
    for (const node of topology.nodes) {
      const input = inputs[topology.inputs.indexOf(node.id)];
      if (input) {
        outputs.set(node.id, tf.tensor(input.data, [...input.shape], input.dtype));
        continue;
      }
      const call = { layer: topology.layers[node.layer] as Layer, node, inputs: node.inputs.map(outputs.get) };
      await visit(call, !visited.has(node.layer));
      visited.add(node.layer);
      outputs.set(node.id, forwardLayer(call, weights, batchNorm));
      for (const id of node.inputs) outputs.release(id);
    }
  } finally {
    outputs.dispose();
  }
}
