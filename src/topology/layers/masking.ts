/** Masking: steps whose features all equal a value do not count; they are set to 0, and layers that use masks leave them out. */
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
