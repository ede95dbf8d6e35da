/** LayerNormalization: mean and variance per sample over `axis`; gamma and beta have the shape of these axes. */
import type { LayerSpec } from '../layer-spec.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { knownExtent, oneInput } from './misfit.ts';
import { type Affine, affineParams, readAffine } from './params.ts';

export interface LayerNormalizationConfig extends Affine {
  /** As configured: negative axes count from the end, 0 is the batch axis. */
  readonly axes: readonly number[];
  readonly epsilon: number;
}

export const layerNormalization: LayerSpec<LayerNormalizationConfig> = {
  classNames: ['LayerNormalization'],
  parse(config) {
    if (config.boolean('rms_scaling', false)) config.fail('rms_scaling', 'must be false; use RMSNormalization');
    return {
      axes: readAxes(config, 'axis', -1),
      epsilon: config.number('epsilon', 1e-3, { min: 0 }),
      ...readAffine(config),
    };
  },
  params({ axes, gamma, beta }, inputs) {
    const input = oneInput(inputs);
    const shape = resolveAxes(input, axes).map((axis) => knownExtent(input, axis - 1));
    return affineParams(shape, { gamma, beta });
  },
  outputShape(_config, inputs) {
    return oneInput(inputs);
  },
};
