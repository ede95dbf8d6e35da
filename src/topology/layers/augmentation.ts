/** Augmentation layers of Keras that are the identity at inference. They are inactive here, as dropout is. */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';

/** Names of all their options, none of which changes the output. */
const options = [
  'addition_factor',
  'all_ops',
  'alpha',
  'bounding_box_format',
  'bins',
  'brightness_factor',
  'chain_depth',
  'contrast_factor',
  'factor',
  'fill_mode',
  'fill_value',
  'height_factor',
  'hue_factor',
  'interpolation',
  'kernel_size',
  'lower',
  'mode',
  'num_chains',
  'num_ops',
  'rng_type',
  'saturation_factor',
  'scale',
  'sigma',
  'threshold_factor',
  'upper',
  'value_range',
  'width_factor',
  'x_factor',
  'y_factor',
];

function augmentation(className: string): LayerSpec<null> {
  return {
    classNames: [className],
    parse(config) {
      for (const option of options) config.raw(option);
      return null;
    },
    params: () => [],
    outputShape: (_config, inputs) => oneInput(inputs),
  };
}

export const augmentations = {
  AugMix: augmentation('AugMix'),
  CutMix: augmentation('CutMix'),
  Equalization: augmentation('Equalization'),
  MixUp: augmentation('MixUp'),
  RandAugment: augmentation('RandAugment'),
  RandomBrightness: augmentation('RandomBrightness'),
  RandomColorDegeneration: augmentation('RandomColorDegeneration'),
  RandomColorJitter: augmentation('RandomColorJitter'),
  RandomContrast: augmentation('RandomContrast'),
  RandomErasing: augmentation('RandomErasing'),
  RandomFlip: augmentation('RandomFlip'),
  RandomGaussianBlur: augmentation('RandomGaussianBlur'),
  RandomGrayscale: augmentation('RandomGrayscale'),
  RandomHue: augmentation('RandomHue'),
  RandomInvert: augmentation('RandomInvert'),
  RandomPerspective: augmentation('RandomPerspective'),
  RandomPosterization: augmentation('RandomPosterization'),
  RandomRotation: augmentation('RandomRotation'),
  RandomSaturation: augmentation('RandomSaturation'),
  RandomSharpness: augmentation('RandomSharpness'),
  RandomShear: augmentation('RandomShear'),
  RandomTranslation: augmentation('RandomTranslation'),
  RandomZoom: augmentation('RandomZoom'),
  Solarization: augmentation('Solarization'),
} as const satisfies Record<string, LayerSpec<null>>;
