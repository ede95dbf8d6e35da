/**
 * Conv3D as a sum of 2D convolutions, one for each slice of the kernel along the first spatial axis:
 *
 *   y[d] = sum over k of conv2d(x[d stride + k dilation], kernel[k])
 *
 * so that its derivatives, of any order, are those of the 2D convolution.
 */
import type { ConvConfig } from '../../../topology/layers/conv.ts';
import { slide, type Window } from '../../../topology/layers/window.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';
import { convolveGroups, dilate } from './conv.ts';

/** The numbers that describe one spatial axis of a window. */
const at = (values: readonly number[], axis: number) => values[axis] ?? 1;

/** Zeros before and after the depth, as 'same' puts them. */
function padDepth(x: Tensor, window: Window, depths: number): Tensor {
  if (window.padding !== 'same') return x;
  const reach = (at(window.size, 0) - 1) * at(window.dilation, 0) + 1;
  const missing = Math.max((depths - 1) * at(window.strides, 0) + reach - (x.shape[1] ?? 1), 0);
  const before = Math.floor(missing / 2);
  return missing === 0
    ? x
    : tf.pad(x, [
        [0, 0],
        [before, missing - before],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
}

/** Every `stride`-th of x [n, d, h, w, c] from `start` on, `count` of them, as images [n count, h, w, c]. */
function depthSlices(x: Tensor, start: number, count: number, stride: number): Tensor4D {
  const [n, , h, w, c] = x.shape as [number, number, number, number, number];
  const reach = (count - 1) * stride + 1;
  const cut = tf.slice(x, [0, start, 0, 0, 0], [n, reach, h, w, c]);
  if (stride === 1) return tf.reshape(cut, [n * count, h, w, c]);
  const whole = tf.pad(cut, [
    [0, 0],
    [0, stride - 1],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  const firsts = tf.slice(tf.reshape(whole, [n * count, stride, h * w * c]), [0, 0, 0], [n * count, 1, h * w * c]);
  return tf.reshape(firsts, [n * count, h, w, c]);
}

/** kernel[k], dilated along its two remaining axes: [h, w, c, filters]. */
function kernelSlice(kernel: Tensor, k: number, [rows, columns]: readonly [number, number]): Tensor4D {
  const rest = kernel.shape.slice(1);
  const slice = tf.reshape(tf.slice(kernel, [k, 0, 0, 0, 0], [1, ...rest]), rest);
  return dilate(slice as Tensor4D, [rows, columns]);
}

export const conv3d: LayerForward<ConvConfig> = ({ filters, window, groups, activation }, inputs, weights) => {
  const x = toChannelsLast(only(inputs), window.dataFormat); // [n, d, h, w, c]
  const [depths, height, width] = slide(window, x.shape.slice(1, -1)) as [number, number, number];
  const padded = padDepth(x, window, depths);
  const flat = { ...window, strides: window.strides.slice(1) };
  const rates = [at(window.dilation, 1), at(window.dilation, 2)] as const;
  const term = (kernel: Tensor, k: number) => {
    const images = depthSlices(padded, k * at(window.dilation, 0), depths, at(window.strides, 0));
    return convolveGroups(images, kernelSlice(kernel, k, rates), flat, groups);
  };
  const product = weightOf(weights, 'kernel').applyLinear((kernel) => {
    const terms = Array.from({ length: at(window.size, 0) }, (_, k): Tensor => term(kernel, k));
    return terms.reduce((sum, next) => tf.add(sum, next));
  }); // [n d', h', w', filters]
  const y = tf.reshape(addBias(product, weights.bias), [x.shape[0] ?? 1, depths, height, width, filters]);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
