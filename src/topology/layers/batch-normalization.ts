/** BatchNormalization: (x - mean) / sqrt(variance + epsilon) * gamma + beta, for every index of `axis`. */
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxis, resolveAxis } from './axes.ts';
import { knownExtent, oneInput } from './misfit.ts';
import { type Affine, affineParams, readAffine } from './params.ts';

export interface BatchNormalizationConfig extends Affine {
  /** As configured: negative axes count from the end, 0 is the batch axis. */
  readonly axis: number;
  readonly epsilon: number;
  /** Weight of the old moving statistics in a training step. */
  readonly momentum: number;
  readonly movingMean: Initializer;
  readonly movingVariance: Initializer;
}

/** Batch renormalisation corrects by moving statistics, which have no meaningful values before training. */
function refuseRenorm(config: ConfigReader): object {
  if (config.boolean('renorm', false))
    config.fail('renorm', 'must be false: it corrects by statistics of a training; initialise the model without it');
  return {};
}

export const batchNormalization: LayerSpec<BatchNormalizationConfig> = {
  classNames: ['BatchNormalization', 'BatchNormalizationV1', 'BatchNormalizationV2'],
  parse: (config) => ({
    ...refuseRenorm(config),
    axis: readAxis(config, 'axis', -1),
    epsilon: config.number('epsilon', 1e-3, { min: 0 }),
    momentum: config.number('momentum', 0.99, { min: 0, max: 1 }),
    ...readAffine(config),
    movingMean: config.initializer('moving_mean_initializer', 'zeros'),
    movingVariance: config.initializer('moving_variance_initializer', 'ones'),
  }),
  params({ axis, gamma, beta, movingMean, movingVariance }, inputs) {
    const input = oneInput(inputs);
    const shape = [knownExtent(input, resolveAxis(input, axis) - 1)];
    return [
      ...affineParams(shape, { gamma, beta }),
      { key: 'moving_mean', shape, initializer: movingMean, group: 'none' },
      { key: 'moving_variance', shape, initializer: movingVariance, group: 'none' },
    ];
  },
  outputShape(_config, inputs) {
    return oneInput(inputs);
  },
};
