/** Activation and Softmax as layers. */
import type { ActivationConfig, SoftmaxConfig } from '../../../topology/layers/activation.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { withAxisLast } from './channels.ts';
import { only } from './common.ts';

export const activation: LayerForward<ActivationConfig> = (config, inputs) => activate(config.activation, only(inputs));

export const softmax: LayerForward<SoftmaxConfig> = ({ axis }, inputs) =>
  withAxisLast(only(inputs), axis, (x) => activate('softmax', x));
