/** Removes layer normalisation from a network, for rules about the layers in between. */
import type { Layer, Topology } from '../topology.ts';
import { withoutLayers } from './rewire.ts';

export const isLayerNorm = ({ className }: Pick<Layer, 'className'>): boolean =>
  className === 'LayerNormalization' || className === 'RMSNormalization';

/** The network without layer normalisation; the same object where it has none. */
export const withoutLayerNorm = (topology: Topology): Topology => withoutLayers(topology, isLayerNorm);
