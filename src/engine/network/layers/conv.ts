/**
 * Conv1D, Conv2D: activation(conv(x, kernel) + bias).
 *
 * One spatial axis is computed as two, the first of extent 1. A dilated kernel is written out with zeros between its entries: its gradients are
 * then those of a plain convolution, which TensorFlow computes on every device.
 */
import type { ConvConfig } from '../../../topology/layers/conv.ts';
import type { Window } from '../../../topology/layers/window.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';

/** [...size, c, d] -> [...(size - 1) rate + 1, c, d] with zeros between; linear in the kernel. */
export function dilate(kernel: Tensor4D, [rows, columns]: readonly [number, number]): Tensor4D {
  if (rows === 1 && columns === 1) return kernel;
  const [h, w, c, d] = kernel.shape;
  const spread = tf.pad(tf.reshape(kernel, [h, 1, w, 1, c * d]), [
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]); // [h, rows, w, columns, c d]
  const grid = tf.reshape(spread, [h * rows, w * columns, c, d]) as Tensor4D;
  return tf.slice(grid, [0, 0, 0, 0], [(h - 1) * rows + 1, (w - 1) * columns + 1, c, d]);
}

/** A pair for two spatial axes, from one or two numbers. */
export function pair(values: readonly number[]): [number, number] {
  return values.length === 1 ? [1, values[0] ?? 1] : [values[0] ?? 1, values[1] ?? 1];
}

/** A tensor of one spatial axis as one of two: [a, w, c] -> [a, 1, w, c], a kernel [w, c, d] -> [1, w, c, d]. */
export function asImage(x: Tensor): Tensor4D {
  return (x.rank === 3 ? tf.expandDims(x, 1) : x) as Tensor4D;
}
export function asKernel(kernel: Tensor): Tensor4D {
  return (kernel.rank === 3 ? tf.expandDims(kernel, 0) : kernel) as Tensor4D;
}

/** The inverse of `asImage` for a result, given the rank of the layer's input. */
export function asRank(y: Tensor, rank: number): Tensor {
  return rank === 3 ? tf.squeeze(y, [1]) : y;
}

/** 'causal' pads on the left here and goes on as 'valid'. */
function padCausally(x: Tensor, { padding, size, dilation }: Window): Tensor {
  const before = ((size[0] ?? 1) - 1) * (dilation[0] ?? 1);
  if (padding !== 'causal' || before === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [before, 0],
    [0, 0],
  ]);
}

/** Image and kernel of one group, channels last. */
function convolve(x: Tensor4D, kernel: Tensor4D, { strides, padding }: Window): Tensor4D {
  return tf.conv2d(x, kernel, pair(strides), padding === 'same' ? 'same' : 'valid');
}

/** Channels and filters in `groups` blocks, each with a convolution of its own. */
export function convolveGroups(x: Tensor4D, kernel: Tensor4D, window: Window, groups: number): Tensor4D {
  if (groups === 1) return convolve(x, kernel, window);
  const kernels = tf.split<Tensor4D>(kernel, groups, 3);
  const blocks = tf
    .split<Tensor4D>(x, groups, 3)
    .map((block, index) => convolve(block, kernels[index] as Tensor4D, window));
  return tf.concat(blocks, 3);
}

export const conv: LayerForward<ConvConfig> = ({ window, groups, activation }, inputs, weights) => {
  const input = only(inputs);
  const image = asImage(padCausally(toChannelsLast(input, window.dataFormat), window)); // [n, h, w, c]
  const dilation = pair(window.dilation);
  const product = weightOf(weights, 'kernel').applyLinear((kernel) =>
    convolveGroups(image, dilate(asKernel(kernel), dilation), window, groups),
  ); // [n, h', w', filters]
  const y = asRank(addBias(product, weights.bias), input.rank);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
