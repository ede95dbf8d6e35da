/** Conv1D, Conv2D, Conv3D: activation(conv(x, kernel) + bias). One spatial axis is computed as two, the first with extent 1. */
import type { ConvConfig } from '../../../topology/layers/conv.ts';
import { type Window, withinReach } from '../../../topology/layers/window.ts';
import { type Tensor, type Tensor4D, type Tensor5D, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';

/** Values for two spatial axes, from one or two values. */
export function pair(values: readonly number[]): [number, number] {
  return values.length === 1 ? [1, values[0] ?? 1] : [values[0] ?? 1, values[1] ?? 1];
}

/** A tensor of one spatial axis as one of two: [n, w, c] -> [n, 1, w, c]. */
export function asImage(x: Tensor): Tensor4D {
  return (x.rank === 3 ? tf.expandDims(x, 1) : x) as Tensor4D;
}

/** A kernel of one spatial axis as one of two: [w, c, d] -> [1, w, c, d]. */
export function asKernel(kernel: Tensor): Tensor4D {
  return (kernel.rank === 3 ? tf.expandDims(kernel, 0) : kernel) as Tensor4D;
}

/** The inverse of `asImage` for a result, given the rank of the layer's input. */
export function asRank(y: Tensor, rank: number): Tensor {
  return rank === 3 ? tf.squeeze(y, [1]) : y;
}

/** TensorFlow's name of a padding; for 'causal', zeros have been added before. */
export const paddingRule = ({ padding }: Window): 'same' | 'valid' => (padding === 'same' ? 'same' : 'valid');

/** Adds the zeros of 'causal' padding on the left; the convolution is then 'valid'. */
function padCausally(x: Tensor, { padding, size, dilation }: Window): Tensor {
  const before = ((size[0] ?? 1) - 1) * (dilation[0] ?? 1);
  return padding !== 'causal' || before === 0
    ? x
    : tf.pad(x, [
        [0, 0],
        [before, 0],
        [0, 0],
      ]);
}

/** x [n, ...space, c], where one spatial axis is represented as two; the data format of the window is ignored. */
export function convolve(x: Tensor, kernel: Tensor, window: Window): Tensor {
  const rule = paddingRule(window);
  if (x.rank === 5) {
    const [strides, dilation] = [window.strides, window.dilation] as [
      [number, number, number],
      [number, number, number],
    ];
    return tf.conv3d(x as Tensor5D, kernel as Tensor5D, strides, rule, 'NDHWC', dilation);
  }
  return tf.conv2d(x as Tensor4D, asKernel(kernel), pair(window.strides), rule, 'NHWC', pair(window.dilation));
}

/** Convolves `groups` blocks of channels separately. */
function convolveGroups(x: Tensor, kernel: Tensor, window: Window, groups: number): Tensor {
  if (groups === 1) return convolve(x, kernel, window);
  const kernels = tf.split(kernel, groups, -1);
  const blocks = tf.split(x, groups, -1).map((block, index) => convolve(block, kernels[index] as Tensor, window));
  return tf.concat(blocks, -1);
}

/** Extents of the spatial axes of [n, ...space, c]. */
export const spaceOf = (x: Tensor): number[] => x.shape.slice(1, -1);

export const conv: LayerForward<ConvConfig> = ({ window: given, groups, activation }, inputs, weights) => {
  const input = only(inputs);
  const last = toChannelsLast(input, given.dataFormat);
  const window = withinReach(given, spaceOf(last));
  const x = asImage(padCausally(last, window)); // [n, ...space, c]
  const product = weightOf(weights, 'kernel').applyLinear((kernel) => convolveGroups(x, kernel, window, groups));
  const y = asRank(addBias(product, weights.bias), input.rank); // [n, ...space', filters]
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
