/** GroupNormalization (Keras): mean and variance per sample over the spatial axes and the channels of a group; gamma and beta per channel. */
import type { LayerSpec } from '../layer-spec.ts';
import { readAxis, resolveAxis } from './axes.ts';
import { knownExtent, misfit, oneInput } from './misfit.ts';
import { type Affine, affineParams, readAffine } from './params.ts';

export interface GroupNormalizationConfig extends Affine {
  /** -1: as many groups as channels (instance normalisation). */
  readonly groups: number;
  readonly axis: number;
  readonly epsilon: number;
}

export const groupNormalization: LayerSpec<GroupNormalizationConfig> = {
  classNames: ['GroupNormalization'],
  parse(config) {
    const groups = config.integer('groups', 32, { min: -1 });
    if (groups === 0) config.fail('groups', 'must be positive, or -1 for one group per channel, got 0');
    return {
      groups,
      axis: readAxis(config, 'axis', -1),
      epsilon: config.number('epsilon', 1e-3, { min: 0 }),
      ...readAffine(config),
    };
  },
  params({ groups, axis, gamma, beta }, inputs) {
    const input = oneInput(inputs);
    const channels = knownExtent(input, resolveAxis(input, axis) - 1);
    if (groups > 0 && channels % groups !== 0)
      return misfit(`has ${channels} channels, which ${groups} groups do not divide`);
    return affineParams([channels], { gamma, beta });
  },
  outputShape(_config, inputs) {
    return oneInput(inputs);
  },
};
