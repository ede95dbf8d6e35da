/** Resizing, CenterCrop and RandomCrop (Keras): images of one output size. */
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, oneInput, showShape } from './misfit.ts';
import { type Interpolation, interpolations } from './up-sampling.ts';
import { type DataFormat, joinShape, readDataFormat, splitShape } from './window.ts';

export interface ResizingConfig {
  readonly height: number;
  readonly width: number;
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
  /** Treatment of a different aspect ratio: distort the image, crop its centre, or pad it with `fill`. */
  readonly fit: 'stretch' | 'crop' | 'pad';
  readonly fill: number;
  readonly dataFormat: DataFormat;
}

const imageShape = (inputs: readonly Shape[], dataFormat: DataFormat) => {
  const input = oneInput(inputs, 3);
  const { space, channels } = splitShape(input, dataFormat);
  const [height, width] = space as [number | null, number | null];
  if (height === null || width === null) return misfit(`must have known extents, got ${showShape(input)}`);
  return { height, width, channels };
};

const readSize = (config: ConfigReader) => ({
  height: config.integer('height', undefined, { min: 1 }),
  width: config.integer('width', undefined, { min: 1 }),
  dataFormat: readDataFormat(config),
});

function readFit(config: ConfigReader): ResizingConfig['fit'] {
  const crop = config.boolean('crop_to_aspect_ratio', false);
  const pad = config.boolean('pad_to_aspect_ratio', false);
  if (crop && pad) config.fail('pad_to_aspect_ratio', 'must be false where crop_to_aspect_ratio is true');
  return crop ? 'crop' : pad ? 'pad' : 'stretch';
}

type ImageConfig = ReturnType<typeof readSize>;

const toSize = ({ height, width, dataFormat }: ImageConfig, inputs: readonly Shape[]): Shape =>
  joinShape([height, width], imageShape(inputs, dataFormat).channels, dataFormat);

export const resizing: LayerSpec<ResizingConfig> = {
  classNames: ['Resizing'],
  parse(config) {
    const written = config.oneOf('interpolation', interpolations, 'bilinear');
    config.oneOf('fill_mode', ['constant'], 'constant');
    return {
      ...readSize(config),
      // The layer exists only in Keras, where bilinear samples lie at half-pixel positions.
      interpolation: written === 'bilinear' ? 'bilinear_keras3' : written,
      antialias: config.boolean('antialias', false),
      fit: readFit(config),
      fill: config.number('fill_value', 0),
    };
  },
  params: () => [],
  outputShape: toSize,
};

/** The centre of larger images; smaller ones are cropped to the aspect ratio and enlarged. */
export const centerCrop: LayerSpec<ImageConfig> = {
  classNames: ['CenterCrop'],
  parse: readSize,
  params: () => [],
  outputShape: toSize,
};

/** This augmentation changes shapes: Keras resizes whole images at inference and crops them in training, so that no output shape is valid for both. Only images of the output size are accepted. */
export const randomCrop: LayerSpec<ImageConfig> = {
  classNames: ['RandomCrop'],
  parse: readSize,
  params: () => [],
  outputShape(config, inputs) {
    const { height, width } = imageShape(inputs, config.dataFormat);
    if (height === config.height && width === config.width) return oneInput(inputs);
    return misfit(
      `is ${height} x ${width}, cut to ${config.height} x ${config.width} in training only; give images of that size, or put CenterCrop in its place`,
    );
  },
};
