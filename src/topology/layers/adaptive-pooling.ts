/** AdaptiveAveragePooling and AdaptiveMaxPooling (Keras): the number of windows equals the extent of the output, for any extent of the input. */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';
import type { PoolingConfig } from './pooling.ts';
import { type DataFormat, joinShape, readDataFormat, splitShape } from './window.ts';

export interface AdaptivePoolingConfig {
  readonly kind: PoolingConfig['kind'];
  /** Extents of the output, one per spatial axis. */
  readonly size: readonly number[];
  readonly dataFormat: DataFormat;
}

function adaptivePooling(
  kind: PoolingConfig['kind'],
  rank: 1 | 2 | 3,
  className: string,
): LayerSpec<AdaptivePoolingConfig> {
  return {
    classNames: [className],
    parse: (config) => ({ kind, size: config.integers('output_size', rank), dataFormat: readDataFormat(config) }),
    params: () => [],
    outputShape({ size, dataFormat }, inputs) {
      return joinShape(size, splitShape(oneInput(inputs, rank + 1), dataFormat).channels, dataFormat);
    },
  };
}

export const adaptiveAveragePooling1d = adaptivePooling('average', 1, 'AdaptiveAveragePooling1D');
export const adaptiveAveragePooling2d = adaptivePooling('average', 2, 'AdaptiveAveragePooling2D');
export const adaptiveAveragePooling3d = adaptivePooling('average', 3, 'AdaptiveAveragePooling3D');
export const adaptiveMaxPooling1d = adaptivePooling('max', 1, 'AdaptiveMaxPooling1D');
export const adaptiveMaxPooling2d = adaptivePooling('max', 2, 'AdaptiveMaxPooling2D');
export const adaptiveMaxPooling3d = adaptivePooling('max', 3, 'AdaptiveMaxPooling3D');
