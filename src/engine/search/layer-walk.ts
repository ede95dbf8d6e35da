/**
 * One pass through a network, front to back, layer by layer, in inference mode.
 *
 * What the layers before a layer compute is kept until its last reader has run, so that a pass costs a few forwards of each layer: O(L), where
 * running the network again for each change is O(L^2).
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

/** A layer at the place where it is applied. */
export interface LayerCall {
  readonly layer: Layer;
  readonly node: Node;
  readonly inputs: readonly Tensor[];
}

/** Dropout off; batch normalisation by its moving statistics unless said. The caller owns the result. */
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
    // A layer may hand its input on; the copy is owned by the caller alone.
    return inputs.includes(output) ? output.clone() : output;
  });
}

/** Counts down the readers of each node's output and frees those that have no reader left. */
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
 * Runs every layer once; `visit` comes before a node's forward, with the tensors that the layer reads, and may change `weights`.
 *
 * @throws what layers throw; leaves no tensor behind
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
