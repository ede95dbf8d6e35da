/**
 * Assigns to every layer with parameters the corresponding layer of another network.
 *
 *   last layers   layers with kernels that no other layer with kernels follows: to each other, in order, whatever their names
 *   by name       the others, where both layers have the same class
 *   by order      the others where names are automatic ("conv2d_17"), so that numbers carry no meaning: the n-th of a class to the n-th of that class
 */
import { outputKernels } from '../structure/output-kernel.ts';
import type { Layer, Topology } from '../topology.ts';

export type LayerMatching = 'auto' | 'names' | 'order';

/** Indexes of the layers with kernels from which an output is reached through layers without kernels only. */
function lastLayers({ nodes, layers, outputs }: Topology): Set<number> {
  const last = new Set<number>();
  const seen = new Set<number>();
  const open = [...outputs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes[id];
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    if (outputKernels(layers[node.layer] as Layer).length > 0) last.add(node.layer);
    else open.push(...node.inputs);
  }
  return last;
}

const snakeCase = (className: string) =>
  className.replace(/([a-z])([A-Z])|([A-Z]+)([A-Z][a-z])/g, '$1$3_$2$4').toLowerCase();

/** True for the names that Keras ("conv2d_17") and TensorFlow.js ("conv2d_Conv2D17") generate for layers without a name. */
function hasAutomaticName({ name, className }: Layer): boolean {
  const own = snakeCase(className);
  return name === own || new RegExp(`^${own}_(${className})?\\d+$`).test(name);
}

interface Parts {
  readonly body: readonly Layer[];
  readonly last: readonly Layer[];
}

function partsOf(topology: Topology): Parts {
  const last = lastLayers(topology);
  const withParams = topology.layers
    .map((layer, position) => ({ layer, isLast: last.has(position) }))
    .filter(({ layer }) => layer.params.length > 0);
  const pick = (wanted: boolean) => withParams.filter(({ isLast }) => isLast === wanted).map(({ layer }) => layer);
  return { body: pick(false), last: pick(true) };
}

/** The layers of `source` by the names of the corresponding layers of `target`; layers without a counterpart are omitted. */
export function matchLayers(target: Topology, source: Topology, matching: LayerMatching): ReadonlyMap<string, Layer> {
  const [own, other] = [partsOf(target), partsOf(source)];
  const matches = new Map<string, Layer>();
  const isPlain = own.last.length === other.last.length;
  if (isPlain) for (const [index, layer] of own.last.entries()) matches.set(layer.name, other.last[index] as Layer);
  const [body, candidates] = isPlain
    ? [own.body, other.body]
    : [own.body.concat(own.last), other.body.concat(other.last)];
  const byOrder = matching === 'order' || (matching === 'auto' && body.every(hasAutomaticName));
  const counts = new Map<string, number>();
  for (const layer of body) {
    const position = counts.get(layer.className) ?? 0;
    counts.set(layer.className, position + 1);
    const sameClass = candidates.filter(({ className }) => className === layer.className);
    const found = byOrder ? sameClass[position] : sameClass.find(({ name }) => name === layer.name);
    if (found) matches.set(layer.name, found);
  }
  return matches;
}
