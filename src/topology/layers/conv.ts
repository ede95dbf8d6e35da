/** Conv1D, Conv2D, Conv3D: activation(conv(x, kernel) + bias), kernel [...size, channels / groups, filters]. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { misfit, oneInput } from './misfit.ts';
import { type BiasInitializer, biasParams, kernelInitializer, readBias, weightParam } from './params.ts';
import { joinShape, knownChannels, readConvWindow, slide, splitShape, type Window } from './window.ts';

export interface ConvConfig {
  readonly filters: number;
  readonly window: Window;
  readonly groups: number;
  readonly activation: ActivationRef;
  readonly kernel: Initializer;
  readonly bias: BiasInitializer;
}

function convolution(rank: 1 | 2 | 3, classNames: LayerSpec['classNames']): LayerSpec<ConvConfig> {
  return {
    classNames,
    parse(config) {
      const filters = config.integer('filters', undefined, { min: 1 });
      const groups = config.integer('groups', 1, { min: 1 });
      if (filters % groups !== 0) config.fail('groups', `must divide filters (${filters}), got ${groups}`);
      return {
        filters,
        window: readConvWindow(config, rank, rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same']),
        groups,
        activation: readActivation(config),
        kernel: kernelInitializer(config, 'kernel_initializer'),
        bias: readBias(config),
      };
    },
    params({ filters, window, groups, kernel, bias }, inputs) {
      const channels = knownChannels(oneInput(inputs, rank + 1), window.dataFormat);
      if (channels % groups !== 0) return misfit(`has ${channels} channels, which ${groups} groups do not divide`);
      const shape = [...window.size, channels / groups, filters];
      return [weightParam('kernel', shape, kernel), ...biasParams(filters, bias)];
    },
    outputShape({ filters, window }, inputs) {
      const { space } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(slide(window, space), filters, window.dataFormat);
    },
  };
}

export const conv1d = convolution(1, ['Conv1D', 'Convolution1D']);
export const conv2d = convolution(2, ['Conv2D', 'Convolution2D']);
export const conv3d = convolution(3, ['Conv3D', 'Convolution3D']);
