/** SeparableConv1D, SeparableConv2D: a depthwise convolution, followed by one of size 1 over the channels. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readDepthwiseWindow } from './depthwise-conv.ts';
import { oneInput } from './misfit.ts';
import { type BiasInitializer, biasParams, readBias, weightParam } from './params.ts';
import { joinShape, knownChannels, slide, splitShape, type Window } from './window.ts';

export interface SeparableConvConfig {
  readonly filters: number;
  readonly window: Window;
  readonly depthMultiplier: number;
  readonly activation: ActivationRef;
  readonly depthwise: Initializer;
  readonly pointwise: Initializer;
  readonly bias: BiasInitializer;
}

function separableConvolution(rank: 1 | 2, classNames: LayerSpec['classNames']): LayerSpec<SeparableConvConfig> {
  return {
    classNames,
    parse: (config) => ({
      filters: config.integer('filters', undefined, { min: 1 }),
      window: readDepthwiseWindow(config, rank),
      depthMultiplier: config.integer('depth_multiplier', 1, { min: 1 }),
      activation: readActivation(config),
      depthwise: config.initializer('depthwise_initializer', 'glorotUniform'),
      pointwise: config.initializer('pointwise_initializer', 'glorotUniform'),
      bias: readBias(config),
    }),
    params({ filters, window, depthMultiplier, depthwise, pointwise, bias }, inputs) {
      const channels = knownChannels(oneInput(inputs, rank + 1), window.dataFormat);
      const ones = window.size.map(() => 1);
      return [
        weightParam('depthwise_kernel', [...window.size, channels, depthMultiplier], depthwise),
        weightParam('pointwise_kernel', [...ones, channels * depthMultiplier, filters], pointwise),
        ...biasParams(filters, bias),
      ];
    },
    outputShape({ filters, window }, inputs) {
      const { space } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(slide(window, space), filters, window.dataFormat);
    },
  };
}

export const separableConv1d = separableConvolution(1, ['SeparableConv1D', 'SeparableConvolution1D']);
export const separableConv2d = separableConvolution(2, ['SeparableConv2D', 'SeparableConvolution2D']);
