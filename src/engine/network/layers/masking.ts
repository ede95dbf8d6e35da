/** Masking: x at steps where any feature differs from the value, else 0. */
import type { MaskingConfig } from '../../../topology/layers/masking.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only } from './common.ts';

export const masking: LayerForward<MaskingConfig> = ({ maskValue }, inputs) => {
  const x = only(inputs);
  const counts = tf.max(tf.cast(tf.notEqual(x, maskValue), 'float32'), -1, true);
  return tf.mul(x, counts);
};
