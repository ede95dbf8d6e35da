/**
 * Adds the scalars of Fixup to a topology: a trained shift before each weighted layer and each elementwise activation, and a trained factor at the
 * end of each residual branch (rule 3 of Zhang, Dauphin, Ma, arXiv:1901.09321, placed as in the authors' code).
 *
 * All readers of a tensor share its shift, as the projection and the first convolution of a block do in that code. Tensors that are computed from the
 * inputs without weights are not shifted; the shift of a zero-padded image is added before the padding; where an activation is part of a layer with a
 * bias, the bias is its shift, one per channel.
 */

import type { Layer, Node, Topology } from '../topology.ts';
import { activationOf, outputKernels } from './output-kernel.ts';
import type { ResidualBranch } from './residual-branches.ts';
import { type AddLayer, rewire } from './rewire.ts';
import { trainedScalars } from './trained-scalars.ts';

export interface FixupTopology {
  readonly topology: Topology;
  readonly shifts: number;
  readonly factors: number;
  /** Layers without a shift before their activation, because it is part of a layer without a bias. */
  readonly unshifted: readonly string[];
}

const activationLayers: ReadonlySet<string> = new Set(['ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'ThresholdedReLU']);
const notElementwise: ReadonlySet<string> = new Set(['linear', 'softmax', 'log_softmax']);

function isActivation(layer: Layer): boolean {
  return (
    activationLayers.has(layer.className) ||
    (layer.className === 'Activation' && !notElementwise.has(activationOf(layer)))
  );
}

const isPadding = ({ className }: Layer) => className.startsWith('ZeroPadding');

/** For every node, whether it depends on no parameter. */
function withoutWeights({ nodes, layers }: Topology): boolean[] {
  const raw: boolean[] = [];
  for (const { layer, inputs } of nodes)
    raw.push((layers[layer] as Layer).params.length === 0 && inputs.every((input) => raw[input]));
  return raw;
}

/** Adds the scalars to a topology; `prefix` is the prefix of the layers that compute the constant 1. */
export function withFixupScalars(
  topology: Topology,
  branches: readonly ResidualBranch[],
  prefix: string,
): FixupTopology {
  const { nodes } = topology;
  const layerOf = (node: Node) => topology.layers[node.layer] as Layer;
  const raw = withoutWeights(topology);
  const readers = nodes.map((): Node[] => []);
  for (const node of nodes) for (const input of node.inputs) readers[input]?.push(node);

  const isWeighted = (node: Node) => outputKernels(layerOf(node)).length > 0;
  const padsForWeights = (node: Node) =>
    isPadding(layerOf(node)) && (readers[node.id] ?? []).length > 0 && (readers[node.id] ?? []).every(isWeighted);
  const wantsShift = (node: Node, source: Node) => {
    if (raw[source.id] || (isWeighted(node) && padsForWeights(source))) return false;
    return isWeighted(node) || padsForWeights(node) || isActivation(layerOf(node));
  };

  const ends = new Map(branches.map(({ sum, branch }) => [sum, branch.end]));
  const scalarsFor = trainedScalars(topology, prefix);
  const shifted = new Map<number, number>();
  let factors = 0;
  const edge = (
    node: Node,
    position: number,
    source: number,
    { add, idOf }: { add: AddLayer; idOf(old: number): number },
  ) => {
    const old = node.inputs[position] as number;
    const { name } = layerOf(node);
    if (ends.get(node.id) === old) {
      factors += 1;
      return scalarsFor(idOf).multiply(source, `${name}_fixup_scale`, add);
    }
    if (!wantsShift(node, nodes[old] as Node)) return source;
    const shift = shifted.get(old) ?? scalarsFor(idOf).shift(source, `${name}_fixup_bias`, add);
    shifted.set(old, shift);
    return shift;
  };
  const unshifted = topology.layers.filter((layer) => {
    const fused = outputKernels(layer).length > 0 && !notElementwise.has(activationOf(layer));
    return fused && !layer.params.some(({ group }) => group === 'bias');
  });
  return {
    topology: rewire(topology, { edge }),
    shifts: shifted.size,
    factors,
    unshifted: unshifted.map(({ name }) => name),
  };
}
