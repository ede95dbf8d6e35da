/**
 * ConvLSTM1D/2D/3D.
 *
 *   [i f g o] = conv(x_t, W) + b + conv(h_{t-1}, U)
 *   c_t = sigma(f) c_{t-1} + sigma(i) phi(g),  h_t = sigma(o) phi(c_t)
 *
 * W with the layer's strides and padding, U with strides of 1 and padding "same". The first convolution takes all steps at once.
 * Reference: X. Shi et al., "Convolutional LSTM Network", arXiv 1506.04214 (2015), without its peepholes, as in Keras.
 */
import type { ConvLstmConfig } from '../../../topology/layers/conv-lstm.ts';
import { type DataFormat, type Window, withinReach } from '../../../topology/layers/window.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { LayerForward, Weight } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { addBias, weightOf } from './common.ts';
import { asImage, asRank, convolve, spaceOf } from './conv.ts';
import { overTime } from './recurrent.ts';

/** x [n, ...space, c] -> [n, ...space', 4 filters] */
function product(x: Tensor, weight: Weight, window: Window): Tensor {
  return asRank(
    weight.applyLinear((kernel) => convolve(asImage(x), kernel, withinReach(window, spaceOf(x)))),
    x.rank,
  );
}

/** Applies `op` to all steps of x [n, t, ...] together. */
function eachStep(x: Tensor, op: (steps: Tensor) => Tensor): Tensor {
  const [samples, steps, ...rest] = x.shape as [number, number, ...number[]];
  const y = op(tf.reshape(x, [samples * steps, ...rest]));
  return tf.reshape(y, [samples, steps, ...y.shape.slice(1)]);
}

const ofState = ({ window }: ConvLstmConfig): Window => ({
  ...window,
  strides: window.strides.map(() => 1),
  dilation: window.strides.map(() => 1),
  padding: 'same',
  dataFormat: 'channels_last',
});

const inFormat = (x: Tensor, format: DataFormat, rank: number) =>
  x.rank === rank ? fromChannelsLast(x, format) : eachStep(x, (steps) => fromChannelsLast(steps, format));

export const convLstm: LayerForward<ConvLstmConfig> = (config, inputs, weights, context) => {
  const { filters, window, activation, recurrentActivation } = config;
  const [sequence, ...states] = inputs as [Tensor, ...Tensor[]];
  const gate = (x: Tensor) => activate(recurrentActivation, x);
  const recurrent = weightOf(weights, 'recurrent_kernel');
  const projected = eachStep(sequence, (steps) =>
    addBias(product(toChannelsLast(steps, window.dataFormat), weightOf(weights, 'kernel'), window), weights.bias),
  ); // [n, t, ...space', 4 filters]
  const [samples, , ...rest] = projected.shape as [number, number, ...number[]];
  const shape = [samples, ...rest.slice(0, -1), filters];
  const last = states.map((state) => toChannelsLast(state, window.dataFormat));
  const rank = shape.length;
  const emit = (final: readonly Tensor[]) =>
    context.emit?.(final.map((state) => fromChannelsLast(state, window.dataFormat)));
  const y = overTime(projected, config, [shape, shape], [sequence, ...last], { ...context, emit }, (x, [h, c]) => {
    const z = tf.add(x, product(h as Tensor, recurrent, ofState(config)));
    const [i, f, g, o] = tf.split(z, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
    const cell = tf.add(tf.mul(gate(f), c as Tensor), tf.mul(gate(i), activate(activation, g)));
    return [tf.mul(gate(o), activate(activation, cell)), cell];
  });
  return inFormat(y, window.dataFormat, rank);
};
