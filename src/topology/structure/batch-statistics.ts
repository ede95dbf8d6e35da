/** Whether the samples of a batch see each other. */
import type { Layer, Topology } from '../topology.ts';

/** The first layer that normalises over the batch; undefined where a batch may be split. A frozen one uses its moving statistics. */
export const layerOverBatch = ({ layers }: Pick<Topology, 'layers'>): Layer | undefined =>
  layers.find(({ className, trainable }) => className === 'BatchNormalization' && trainable);
