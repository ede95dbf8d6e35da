/** CustomScaleLayer: x + scale y. */
import type { ScaledSumConfig } from '../../../topology/layers/scaled-sum.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';

export const scaledSum: LayerForward<ScaledSumConfig> = ({ scale }, inputs) => {
  const [x, y] = inputs as readonly [Tensor, Tensor];
  return tf.add(x, tf.mul(y, scale));
};
