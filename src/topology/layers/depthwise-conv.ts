/** DepthwiseConv1D, DepthwiseConv2D: separate filters for every channel, depthwise_kernel [...size, channels, depth_multiplier]. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';
import { type BiasInitializer, biasParams, kernelInitializer, readBias, weightParam } from './params.ts';
import { joinShape, knownChannels, readConvWindow, slide, splitShape, type Window } from './window.ts';

export interface DepthwiseConvConfig {
  readonly window: Window;
  readonly depthMultiplier: number;
  readonly activation: ActivationRef;
  readonly kernel: Initializer;
  readonly bias: BiasInitializer;
}

/** TensorFlow's depthwise convolution supports only equal strides of both axes. */
export function readDepthwiseWindow(config: ConfigReader, rank: 1 | 2): Window {
  const window = readConvWindow(config, rank, ['valid', 'same']);
  if (new Set(window.strides).size > 1) config.fail('strides', `must be equal on both axes, got [${window.strides}]`);
  return window;
}

function depthwiseConvolution(rank: 1 | 2, className: string): LayerSpec<DepthwiseConvConfig> {
  return {
    classNames: [className],
    parse: (config) => ({
      window: readDepthwiseWindow(config, rank),
      depthMultiplier: config.integer('depth_multiplier', 1, { min: 1 }),
      activation: readActivation(config),
      kernel: kernelInitializer(config, 'depthwise_initializer'),
      bias: readBias(config),
    }),
    params({ window, depthMultiplier, kernel, bias }, inputs) {
      const channels = knownChannels(oneInput(inputs, rank + 1), window.dataFormat);
      const shape = [...window.size, channels, depthMultiplier];
      return [weightParam('depthwise_kernel', shape, kernel), ...biasParams(channels * depthMultiplier, bias)];
    },
    outputShape({ window, depthMultiplier }, inputs) {
      const { space, channels } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(slide(window, space), channels === null ? null : channels * depthMultiplier, window.dataFormat);
    },
    keras3Key: (_config, key) => (key === 'depthwise_kernel' ? 'kernel' : key),
  };
}

export const depthwiseConv1d = depthwiseConvolution(1, 'DepthwiseConv1D');
export const depthwiseConv2d = depthwiseConvolution(2, 'DepthwiseConv2D');
