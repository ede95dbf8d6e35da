/** UpSampling1D/2D: every spatial element repeated `size` times (nearest neighbour). */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';
import { type DataFormat, joinShape, readDataFormat, splitShape } from './window.ts';

export interface UpSamplingConfig {
  readonly size: readonly number[];
  readonly dataFormat: DataFormat;
}

function upSampling(rank: 1 | 2, className: string): LayerSpec<UpSamplingConfig> {
  return {
    classNames: [className],
    parse(config) {
      // tfjs and Keras place bilinear samples differently and write the same word: refused rather than guessed.
      config.oneOf('interpolation', ['nearest'], 'nearest');
      return { size: config.integers('size', rank, 2), dataFormat: readDataFormat(config) };
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
