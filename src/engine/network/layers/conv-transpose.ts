/** Conv1DTranspose, Conv2DTranspose: the adjoint of a convolution; one spatial axis is computed as two, the first of extent 1. */
import { type ConvTransposeConfig, stretch } from '../../../topology/layers/conv-transpose.ts';
import { tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';
import { asImage, asKernel, asRank, paddingRule, pair } from './conv.ts';

export const convTranspose: LayerForward<ConvTransposeConfig> = ({ filters, window, activation }, inputs, weights) => {
  const input = only(inputs);
  const last = toChannelsLast(input, window.dataFormat);
  const image = asImage(last); // [n, h, w, c]
  const [rows, columns] = pair(stretch(window, last.shape.slice(1, -1)) as number[]);
  const shape: [number, number, number, number] = [image.shape[0], rows, columns, filters];
  const product = weightOf(weights, 'kernel').applyLinear((kernel) =>
    tf.conv2dTranspose(image, asKernel(kernel), shape, pair(window.strides), paddingRule(window)),
  ); // [n, h', w', filters]
  const y = asRank(addBias(product, weights.bias), input.rank);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
