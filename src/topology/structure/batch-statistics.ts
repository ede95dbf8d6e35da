/** Whether the outputs of a sample depend on the other samples of its batch. */
import type { Layer, Topology } from '../topology.ts';

/** The first layer that normalises over the batch; undefined where a batch may be split. Frozen layers use moving statistics and do not count. */
export const layerOverBatch = ({ layers }: Pick<Topology, 'layers'>): Layer | undefined =>
  layers.find(({ className, trainable }) => className === 'BatchNormalization' && trainable);
