/**
 * Lists the kernels that each layer of a network uses in its forward pass and first-order gradient. Their rules must be tested before a gradient is
 * differentiated.
 */

import { AppError } from '../../errors.ts';
import { graphOf, isGraphLayer } from '../../topology/operation-graph/build.ts';
import type { Layer, Node, Topology } from '../../topology/topology.ts';
import { assertProven, kernelsOf } from '../gradients/kernel-log.ts';
import { asRunError } from '../graph/run-error.ts';
import { scoped, type Tensor, tf } from '../tf.ts';
import { findForward } from './find-forward.ts';
import type { ForwardContext } from './layer-forward.ts';
import { plainWeight } from './weights.ts';

export interface LayerKernels {
  readonly layer: string;
  readonly kernels: readonly string[];
}

const batch = 2;

/** Zeros in the shape of a node's output; extents that only the data determines become 1. */
function standIn(topology: Topology, id: number): Tensor {
  const input = topology.nodes[id] as Node;
  const position = topology.inputs.indexOf(id);
  const dtype = position >= 0 ? topology.inputDtypes[position] : 'float32';
  const example = graphOf(topology)?.inputs[position]?.example;
  if (example) return tf.zeros([...example], dtype);
  return tf.zeros([batch, ...input.shape.map((extent) => extent ?? 1)], dtype);
}

/** The error for a layer that cannot run on zeros, because extents of its inputs are unknown or for another reason. */
function refusalOf(topology: Topology, { name, className }: Layer, node: Node, cause: unknown): AppError {
  const what = `layer "${name}" (${className})`;
  const open = node.inputs.map((id) => topology.nodes[id]?.shape ?? []).find((shape) => shape.includes(null));
  if (open === undefined || cause instanceof AppError) return asRunError(what, cause);
  const shown = open.map((extent) => extent ?? 'any');
  return new AppError(
    'METHOD_NOT_APPLICABLE',
    `${what} takes an input of shape [${shown}], of which nothing gives the open extents; give the model's input a whole shape, or a dataset`,
    { cause },
  );
}

/** Runs one layer and its gradient with respect to inputs and parameters on zeros, with a batch of two samples. */
function kernelsOfLayer(
  topology: Topology,
  layer: Layer,
  node: Node,
  batchNorm: ForwardContext['batchNorm'],
): readonly string[] {
  const forward = findForward(layer.className);
  if (!forward) return [];
  return scoped(() => {
    const inputs = node.inputs.map((id) => standIn(topology, id));
    const params = isGraphLayer(layer) ? topology.layers.flatMap((each) => each.params) : layer.params;
    const weights = params.map(({ shape }) => tf.ones([...shape]));
    const leaves = [...inputs.filter(({ dtype }) => dtype === 'float32'), ...weights];
    const byKey = Object.fromEntries(params.map(({ key }, index) => [key, plainWeight(weights[index] as Tensor)]));
    const byName = new Map(params.map(({ name }, index) => [name, plainWeight(weights[index] as Tensor)]));
    const masks = node.masks?.map((id) => (id === null ? null : standIn(topology, id)));
    const run = () => {
      const outputs: Tensor[] = [];
      const context = {
        batchNorm,
        call: node.call,
        masks,
        weights: byName,
        emit: (further: readonly Tensor[]) => outputs.push(...further),
      };
      outputs.push(forward(layer.config as never, inputs, byKey, context));
      return tf.addN(outputs.map((output) => tf.sum(output)));
    };
    try {
      return kernelsOf(() => (leaves.length === 0 ? run() : tf.engine().gradients(run, leaves, undefined, true).grads));
    } catch (cause) {
      throw refusalOf(topology, layer, node, cause);
    }
  });
}

/** One entry per layer. Layers of equal configuration and input shapes are run once. */
export function layerKernels(topology: Topology, batchNorm: ForwardContext['batchNorm'] = 'batch'): LayerKernels[] {
  const known = new Map<string, readonly string[]>();
  const entries = new Map<number, LayerKernels>();
  for (const node of topology.nodes) {
    if (entries.has(node.layer) || topology.inputs.includes(node.id) || node.of) continue;
    const layer = topology.layers[node.layer] as Layer;
    const shapes = node.inputs.map((id) => topology.nodes[id]?.shape);
    const key = JSON.stringify([
      layer.className,
      layer.config,
      node.call,
      node.masks !== undefined,
      layer.params.map(({ shape }) => shape),
      shapes,
    ]);
    const kernels = known.get(key) ?? kernelsOfLayer(topology, layer, node, batchNorm);
    known.set(key, kernels);
    entries.set(node.layer, { layer: layer.name, kernels });
  }
  return [...entries.values()];
}

/** Throws GRADIENT_UNPROVEN naming the first layer and kernel without a rule tested to second order. */
export function assertDifferentiableTwice(topology: Topology): void {
  for (const { layer, kernels } of layerKernels(topology)) assertProven(kernels, layer);
}

/** The same for a third derivative with batch normalisation in inference mode, which MetaInit needs. Throws GRADIENT_UNPROVEN. */
export function assertDifferentiableThrice(topology: Topology): void {
  for (const { layer, kernels } of layerKernels(topology, 'moving')) assertProven(kernels, layer, 3);
}
