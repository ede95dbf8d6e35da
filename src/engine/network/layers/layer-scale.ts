/** LayerScale: x gamma over the last axis. */

import type { LayerScaleConfig } from '../../../topology/layers/layer-scale.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only, weightOf } from './common.ts';

export const layerScale: LayerForward<LayerScaleConfig> = (_config, inputs, weights) =>
  weightOf(weights, 'gamma').applyLinear((gamma) => tf.mul(only(inputs), gamma));
