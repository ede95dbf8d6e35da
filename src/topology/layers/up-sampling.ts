/** UpSampling1D/2D/3D: enlarges the spatial axes by integer factors. */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';
import { type DataFormat, joinShape, readDataFormat, splitShape } from './window.ts';

/**
 * Interpolation methods. tfjs and Keras 3 use the word 'bilinear' for different sample positions, so that the parser of Keras 3 renames it to
 * 'bilinear_keras3'. The methods after it in the list have samples at half-pixel positions in every framework.
 */
export const interpolations = [
  'nearest',
  'bilinear',
  'bilinear_keras3',
  'bicubic',
  'lanczos3',
  'lanczos5',
  'gaussian',
  'mitchellcubic',
] as const;

export type Interpolation = (typeof interpolations)[number];

export interface UpSamplingConfig {
  readonly interpolation: Interpolation;
  readonly size: readonly number[];
  readonly dataFormat: DataFormat;
}

function upSampling(rank: 1 | 2 | 3, className: string): LayerSpec<UpSamplingConfig> {
  return {
    classNames: [className],
    parse(config) {
      return {
        size: config.integers('size', rank, 2),
        interpolation: rank === 2 ? config.oneOf('interpolation', interpolations, 'nearest') : 'nearest',
        dataFormat: readDataFormat(config),
      };
    },
    params: () => [],
    outputShape({ size, dataFormat }, inputs) {
      const { space, channels } = splitShape(oneInput(inputs, rank + 1), dataFormat);
      const grown = space.map((extent, axis) => (extent === null ? null : extent * (size[axis] ?? 1)));
      return joinShape(grown, channels, dataFormat);
    },
  };
}

export const upSampling1d = upSampling(1, 'UpSampling1D');
export const upSampling2d = upSampling(2, 'UpSampling2D');
export const upSampling3d = upSampling(3, 'UpSampling3D');
