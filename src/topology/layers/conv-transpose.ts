/** Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: the adjoint of a convolution, kernel [...size, filters, channels]. */
import { readActivation } from '../activations.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import type { ConvConfig } from './conv.ts';
import { oneInput } from './misfit.ts';
import { biasParams, kernelInitializer, readBias, weightParam } from './params.ts';
import { joinShape, knownChannels, reachOf, readConvWindow, splitShape, type Window } from './window.ts';

export interface ConvTransposeConfig extends Omit<ConvConfig, 'groups'> {
  /** Positions added at the end of each spatial axis; null: as many as in `stretch` by default. */
  readonly outputPadding: readonly number[] | null;
}

/**
 * Spatial extents of the output, reach = (size - 1) dilation + 1:
 *
 *                  by default                         with output_padding p
 *   'same'         n stride                           (n - 1) stride + reach mod 2 + p
 *   'valid'        (n - 1) stride + max(reach, stride)   (n - 1) stride + reach + p
 */
export function stretch(
  { window, outputPadding }: Pick<ConvTransposeConfig, 'window' | 'outputPadding'>,
  space: Shape,
): Shape {
  const { size, strides, dilation, padding } = window;
  return space.map((extent, axis) => {
    if (extent === null) return null;
    const stride = strides[axis] ?? 1;
    const reach = reachOf({ size, dilation }, axis);
    const given = outputPadding?.[axis] ?? null;
    if (padding === 'same') return given === null ? extent * stride : (extent - 1) * stride + (reach % 2) + given;
    return (extent - 1) * stride + (given === null ? Math.max(reach, stride) : reach + given);
  });
}

/** Reads output_padding. It must be less than the stride, because a larger value would belong to a further input position. */
function readOutputPadding(config: ConfigReader, { strides }: Window): number[] | null {
  if ((config.raw('output_padding') ?? null) === null) return null;
  const values = config.integers('output_padding', strides.length, undefined, { min: 0 });
  const wrong = values.findIndex((value, axis) => value >= (strides[axis] ?? 1));
  return wrong < 0
    ? values
    : config.fail('output_padding', `must be less than strides ([${strides}]), got [${values}]`);
}

function convTranspose(rank: 1 | 2 | 3, classNames: LayerSpec['classNames']): LayerSpec<ConvTransposeConfig> {
  return {
    classNames,
    parse(config) {
      const window = readConvWindow(config, rank, ['valid', 'same']);
      return {
        filters: config.integer('filters', undefined, { min: 1 }),
        window,
        outputPadding: readOutputPadding(config, window),
        activation: readActivation(config),
        kernel: kernelInitializer(config, 'kernel_initializer'),
        bias: readBias(config),
      };
    },
    params({ filters, window, kernel, bias }, inputs) {
      const channels = knownChannels(oneInput(inputs, rank + 1), window.dataFormat);
      return [weightParam('kernel', [...window.size, filters, channels], kernel), ...biasParams(filters, bias)];
    },
    outputShape(config, inputs) {
      const { window, filters } = config;
      const { space } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(stretch(config, space), filters, window.dataFormat);
    },
  };
}

export const conv1dTranspose = convTranspose(1, ['Conv1DTranspose', 'Convolution1DTranspose']);
export const conv2dTranspose = convTranspose(2, ['Conv2DTranspose', 'Convolution2DTranspose']);
export const conv3dTranspose = convTranspose(3, ['Conv3DTranspose', 'Convolution3DTranspose']);
