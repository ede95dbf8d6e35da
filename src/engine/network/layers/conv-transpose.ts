/** Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: the adjoint of a convolution. One spatial axis is computed as two, the first with extent 1. */
import { type ConvTransposeConfig, stretch } from '../../../topology/layers/conv-transpose.ts';
import { withinReach } from '../../../topology/layers/window.ts';
import { type Tensor, type Tensor5D, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, only, weightOf } from './common.ts';
import { asImage, asKernel, asRank, paddingRule, pair } from './conv.ts';

/** A kernel with rate - 1 zeros between its elements along one axis, because TensorFlow's CPU kernel of the adjoint does not support dilation. */
function spreadAxis(kernel: Tensor, axis: number, rate: number): Tensor {
  const extent = kernel.shape[axis] as number;
  if (rate === 1 || extent === 1) return kernel;
  const shape = kernel.shape;
  const apart = tf.reshape(kernel, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const padding = apart.shape.map((_, at): [number, number] => [0, at === axis + 1 ? rate - 1 : 0]);
  const spread = tf.reshape(tf.pad(apart, padding), [...shape.slice(0, axis), extent * rate, ...shape.slice(axis + 1)]);
  const size = spread.shape.map((length, at) => (at === axis ? (extent - 1) * rate + 1 : length));
  return tf.slice(
    spread,
    size.map(() => 0),
    size,
  );
}

/** A kernel [...space, ...] with the zeros of a dilation inserted. */
export const spreadKernel = (kernel: Tensor, rates: readonly number[]): Tensor =>
  rates.reduce((spreadOut, rate, axis) => spreadAxis(spreadOut, axis, rate), kernel);

function adjoint(
  x: Tensor,
  kernel: Tensor,
  space: readonly number[],
  { filters, window }: ConvTransposeConfig,
): Tensor {
  const rule = paddingRule(window);
  const whole = spreadKernel(kernel, withinReach(window, space).dilation);
  if (x.rank === 5) {
    const [samples] = x.shape as [number];
    const shape = [samples, ...space, filters] as [number, number, number, number, number];
    return tf.conv3dTranspose(
      x as Tensor5D,
      whole as Tensor5D,
      shape,
      window.strides as [number, number, number],
      rule,
    );
  }
  const image = asImage(x); // [n, h, w, c]
  const [rows, columns] = pair(space);
  return tf.conv2dTranspose(
    image,
    asKernel(whole),
    [image.shape[0], rows, columns, filters],
    pair(window.strides),
    rule,
  );
}

export const convTranspose: LayerForward<ConvTransposeConfig> = (config, inputs, weights) => {
  const { window, activation } = config;
  const input = only(inputs);
  const x = toChannelsLast(input, window.dataFormat);
  const space = stretch(config, x.shape.slice(1, -1)) as number[];
  const product = weightOf(weights, 'kernel').applyLinear((kernel) => adjoint(x, kernel, space, config)); // [n, ...space', filters]
  const y = asRank(addBias(product, weights.bias), input.rank);
  return activate(activation, fromChannelsLast(y, window.dataFormat));
};
