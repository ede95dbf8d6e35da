/** Takes layer normalisation out of a network, for rules about what lies between. */
import type { Layer, Topology } from '../topology.ts';
import { rewire } from './rewire.ts';

export const isLayerNorm = ({ className }: Pick<Layer, 'className'>): boolean =>
  className === 'LayerNormalization' || className === 'RMSNormalization';

/** The network without layer normalisation; itself where it has none. */
export function withoutLayerNorm(topology: Topology): Topology {
  return topology.layers.some(isLayerNorm)
    ? rewire(topology, { bypass: (_node, layer) => isLayerNorm(layer) })
    : topology;
}
