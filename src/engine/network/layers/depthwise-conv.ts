/** DepthwiseConv1D/2D and SeparableConv1D/2D. One spatial axis is computed as two, the first with extent 1. */
import type { DepthwiseConvConfig } from '../../../topology/layers/depthwise-conv.ts';
import type { SeparableConvConfig } from '../../../topology/layers/separable-conv.ts';
import { type Window, withinReach } from '../../../topology/layers/window.ts';
import { type Tensor4D, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward, Weight } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';
import { asImage, asKernel, asRank, paddingRule, pair, spaceOf } from './conv.ts';

/** image: [n, h, w, c]; returns [n, h', w', c depthMultiplier]. */
function depthwise(image: Tensor4D, weight: Weight, given: Window): Tensor4D {
  const window = withinReach(given, spaceOf(image).slice(-given.size.length));
  // The kernel has one stride for both axes; along an axis shorter than the stride, all strides are equivalent.
  const stride = Math.max(...window.strides);
  const [strides, rule, rates] = [[stride, stride] as [number, number], paddingRule(window), pair(window.dilation)];
  return weight.applyLinear((kernel) =>
    tf.depthwiseConv2d(image, asKernel(kernel), strides, rule, 'NHWC', rates),
  ) as Tensor4D;
}

export const depthwiseConv: LayerForward<DepthwiseConvConfig> = ({ window, activation }, inputs, weights) => {
  const input = only(inputs);
  const image = asImage(toChannelsLast(input, window.dataFormat));
  const product = depthwise(image, weightOf(weights, 'depthwise_kernel'), window);
  const y = asRank(addBias(product, weights.bias), input.rank);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};

export const separableConv: LayerForward<SeparableConvConfig> = ({ window, activation }, inputs, weights) => {
  const input = only(inputs);
  const image = asImage(toChannelsLast(input, window.dataFormat));
  const spread = depthwise(image, weightOf(weights, 'depthwise_kernel'), window); // [n, h', w', c depthMultiplier]
  const mixed = weightOf(weights, 'pointwise_kernel').applyLinear((kernel) =>
    tf.conv2d(spread, asKernel(kernel), 1, 'valid'),
  ); // [n, h', w', filters]
  const y = asRank(addBias(mixed, weights.bias), input.rank);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
