/** Conv1DTranspose, Conv2DTranspose: the adjoint of a convolution, kernel [...size, filters, channels]. */

import { readActivation } from '../activations.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import type { ConvConfig } from './conv.ts';
import { oneInput } from './misfit.ts';
import { biasParams, kernelInitializer, readBias, weightParam } from './params.ts';
import { joinShape, knownChannels, readConvWindow, splitShape, type Window } from './window.ts';

export type ConvTransposeConfig = Omit<ConvConfig, 'groups'>;

/** 'same': n stride; 'valid': n stride + max(size - stride, 0). */
export function stretch({ size, strides, padding }: Window, space: Shape): Shape {
  return space.map((extent, axis) => {
    const stride = strides[axis] ?? 1;
    const overhang = padding === 'same' ? 0 : Math.max((size[axis] ?? 1) - stride, 0);
    return extent === null ? null : extent * stride + overhang;
  });
}

function convTranspose(rank: 1 | 2, classNames: LayerSpec['classNames']): LayerSpec<ConvTransposeConfig> {
  return {
    classNames,
    parse(config) {
      const window = readConvWindow(config, rank, ['valid', 'same']);
      if (window.dilation.some((rate) => rate > 1))
        config.fail('dilation_rate', 'must be 1 in a transposed convolution');
      if ((config.raw('output_padding') ?? null) !== null) config.fail('output_padding', 'must be null');
      return {
        filters: config.integer('filters', undefined, { min: 1 }),
        window,
        activation: readActivation(config),
        kernel: kernelInitializer(config, 'kernel_initializer'),
        bias: readBias(config),
      };
    },
    params({ filters, window, kernel, bias }, inputs) {
      const channels = knownChannels(oneInput(inputs, rank + 1), window.dataFormat);
      return [weightParam('kernel', [...window.size, filters, channels], kernel), ...biasParams(filters, bias)];
    },
    outputShape({ filters, window }, inputs) {
      const { space } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(stretch(window, space), filters, window.dataFormat);
    },
  };
}

export const conv1dTranspose = convTranspose(1, ['Conv1DTranspose', 'Convolution1DTranspose']);
export const conv2dTranspose = convTranspose(2, ['Conv2DTranspose', 'Convolution2DTranspose']);
