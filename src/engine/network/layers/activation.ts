/** Activation and Softmax as separate layers. */
import type { ActivationConfig, SoftmaxConfig } from '../../../topology/layers/activation.ts';
import { tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { withAxesLast } from './channels.ts';
import { only } from './common.ts';

export const activation: LayerForward<ActivationConfig> = (config, inputs) => activate(config.activation, only(inputs));

export const softmax: LayerForward<SoftmaxConfig> = ({ axes }, inputs) =>
  withAxesLast(only(inputs), axes, (x) => {
    const together = tf.reshape(x, [...x.shape.slice(0, x.rank - axes.length), -1]);
    return tf.reshape(activate('softmax', together), x.shape);
  });
