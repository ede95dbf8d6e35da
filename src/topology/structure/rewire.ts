/** Changes the graph of a topology: removes layers and inserts new ones on its edges. Names and parameters of all other layers are kept. */

import type { JsonObject } from '../../json.ts';
import { ConfigReader } from '../config-reader.ts';
import { findSpec } from '../find-spec.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { type LayerClassName, layerSpecs } from '../layers/index.ts';
import type { Layer, Node, Shape, Topology } from '../topology.ts';
import { createNames } from '../unique-names.ts';

/** A layer to insert; its name gets a suffix where it is already used. */
export interface NewLayer {
  readonly className: LayerClassName;
  readonly name: string;
  readonly config: JsonObject;
}

/** Appends a layer after nodes of the new graph; returns the id of its node in the new graph. */
export type AddLayer = (layer: NewLayer, inputs: readonly number[]) => number;

export interface Rewiring {
  /** True removes a node with one input: its readers then read that input. */
  bypass?(node: Node, layer: Layer): boolean;
  /** Returns the node that `node` reads at `position` instead of `source`, a node of the new graph. Called for every edge in topological order. */
  edge?(node: Node, position: number, source: number, graph: { add: AddLayer; idOf(old: number): number }): number;
}

/** Parses the posted configuration of the layer again, which restores the activation that `splitHead` removed. */
function asPosted(layer: Layer): Layer {
  const { source } = layer;
  const spec = source && findSpec(source.className);
  if (!source || !spec) return layer;
  const config = spec.parse(new ConfigReader(layer.name, source.className, source.config, ''));
  return { ...layer, className: source.className, config };
}

/** The network without the layers of one input for which `isLeftOut` is true; the same object where there are none. */
export const withoutLayers = (topology: Topology, isLeftOut: (layer: Layer) => boolean): Topology =>
  topology.layers.some(isLeftOut) ? rewire(topology, { bypass: (_node, layer) => isLeftOut(layer) }) : topology;

/** The rewired topology, with the posted activations of its outputs. Throws LAYER_INVALID when a new layer does not fit. */
export function rewire(topology: Topology, { bypass, edge }: Rewiring): Topology {
  const names = createNames();
  for (const { name, source } of topology.layers)
    for (const taken of new Set([name, source?.scope ?? name])) names.claim(taken, []);
  const heads = new Set(topology.outputs.map((id) => topology.nodes[id]?.layer));
  const layers: Layer[] = [];
  const nodes: Node[] = [];
  const positions = new Map<number, number>();
  const ids = new Map<number, number>();
  const idOf = (old: number) => ids.get(old) as number;
  const maskOf = (old: number | null) => (old === null ? null : idOf(old));

  const add: AddLayer = ({ className, name: wanted, config }, inputs) => {
    const name = names.claim(wanted, []);
    const spec: LayerSpec<unknown> = layerSpecs[className];
    const parsed = spec.parse(new ConfigReader(name, className, config, ''));
    const shapes = inputs.map((id): Shape => (nodes[id] as Node).shape);
    const params = spec
      .params(parsed, shapes)
      .map((param) => ({ ...param, name: `${name}/${param.key}`, layer: name }));
    const source = { scope: name, className, config: { ...config, name } };
    const layer = layers.push({ name, className, config: parsed, params, trainable: true, source }) - 1;
    return nodes.push({ id: nodes.length, layer, inputs, call: {}, shape: spec.outputShape(parsed, shapes) }) - 1;
  };

  const copyLayer = (old: number): number => {
    const known = positions.get(old);
    if (known !== undefined) return known;
    const layer = topology.layers[old] as Layer;
    const position = layers.push(heads.has(old) ? asPosted(layer) : layer) - 1;
    positions.set(old, position);
    return position;
  };

  const inputsFirst = [...topology.nodes].sort(
    (a, b) => Number(b.inputs.length === 0) - Number(a.inputs.length === 0) || a.id - b.id,
  );
  for (const node of inputsFirst) {
    const layer = topology.layers[node.layer] as Layer;
    const [only] = node.inputs;
    if (only !== undefined && node.inputs.length === 1 && bypass?.(node, layer)) {
      ids.set(node.id, idOf(only));
      continue;
    }
    const inputs = node.inputs.map(
      (input, position) => edge?.(node, position, idOf(input), { add, idOf }) ?? idOf(input),
    );
    const position = copyLayer(node.layer);
    const masks = node.masks && { masks: node.masks.map(maskOf) };
    const of = node.of && { of: { ...node.of, node: idOf(node.of.node) } };
    ids.set(node.id, nodes.push({ ...node, id: nodes.length, layer: position, inputs, ...masks, ...of }) - 1);
  }
  const { outputMasks } = topology;
  return {
    ...topology,
    layers,
    nodes,
    inputs: topology.inputs.map(idOf),
    outputs: topology.outputs.map(idOf),
    ...(outputMasks && { outputMasks: outputMasks.map(maskOf) }),
  };
}
