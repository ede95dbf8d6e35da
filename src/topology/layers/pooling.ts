/** Max and average pooling, local and global. */
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam } from '../topology.ts';
import { oneInput } from './misfit.ts';
import {
  type DataFormat,
  joinShape,
  readDataFormat,
  readPoolWindow,
  slide,
  splitShape,
  type Window,
} from './window.ts';

export interface PoolingConfig {
  readonly kind: 'max' | 'average';
  readonly window: Window;
}

export interface GlobalPoolingConfig {
  readonly kind: 'max' | 'average';
  readonly keepDims: boolean;
  readonly dataFormat: DataFormat;
}

/** Number of spatial axes. */
type Rank = 1 | 2 | 3;

const noParams = (): LayerParam[] => [];

function pooling(
  kind: PoolingConfig['kind'],
  rank: Rank,
  classNames: LayerSpec['classNames'],
): LayerSpec<PoolingConfig> {
  return {
    classNames,
    parse: (config) => ({ kind, window: readPoolWindow(config, rank) }),
    params: noParams,
    outputShape({ window }, inputs) {
      const { space, channels } = splitShape(oneInput(inputs, rank + 1), window.dataFormat);
      return joinShape(slide(window, space), channels, window.dataFormat);
    },
  };
}

function globalPooling(
  kind: PoolingConfig['kind'],
  rank: Rank,
  classNames: LayerSpec['classNames'],
): LayerSpec<GlobalPoolingConfig> {
  return {
    classNames,
    parse: (config) => ({ kind, keepDims: config.boolean('keepdims', false), dataFormat: readDataFormat(config) }),
    params: noParams,
    outputShape({ keepDims, dataFormat }, inputs) {
      const { space, channels } = splitShape(oneInput(inputs, rank + 1), dataFormat);
      return keepDims
        ? joinShape(
            space.map(() => 1),
            channels,
            dataFormat,
          )
        : [channels];
    },
  };
}

export const maxPooling1d = pooling('max', 1, ['MaxPooling1D', 'MaxPool1D']);
export const maxPooling2d = pooling('max', 2, ['MaxPooling2D', 'MaxPool2D']);
export const maxPooling3d = pooling('max', 3, ['MaxPooling3D', 'MaxPool3D']);
export const averagePooling1d = pooling('average', 1, ['AveragePooling1D', 'AvgPool1D']);
export const averagePooling2d = pooling('average', 2, ['AveragePooling2D', 'AvgPool2D']);
export const averagePooling3d = pooling('average', 3, ['AveragePooling3D', 'AvgPool3D']);
export const globalMaxPooling1d = globalPooling('max', 1, ['GlobalMaxPooling1D', 'GlobalMaxPool1D']);
export const globalMaxPooling2d = globalPooling('max', 2, ['GlobalMaxPooling2D', 'GlobalMaxPool2D']);
export const globalMaxPooling3d = globalPooling('max', 3, ['GlobalMaxPooling3D', 'GlobalMaxPool3D']);
export const globalAveragePooling1d = globalPooling('average', 1, ['GlobalAveragePooling1D', 'GlobalAvgPool1D']);
export const globalAveragePooling2d = globalPooling('average', 2, ['GlobalAveragePooling2D', 'GlobalAvgPool2D']);
export const globalAveragePooling3d = globalPooling('average', 3, ['GlobalAveragePooling3D', 'GlobalAvgPool3D']);
