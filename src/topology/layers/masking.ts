/** Masking: masks the steps whose features all equal a given value. They are set to 0, and layers that support masks skip them. */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';

export interface MaskingConfig {
  readonly maskValue: number;
}

export const masking: LayerSpec<MaskingConfig> = {
  classNames: ['Masking'],
  parse: (config) => ({ maskValue: config.number('mask_value', 0) }),
  params: () => [],
  outputShape: (_config, inputs) => oneInput(inputs),
};
