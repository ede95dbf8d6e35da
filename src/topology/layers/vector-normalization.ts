/** UnitNormalization and RMSNormalization (Keras): divide vectors along an axis by their length, or by their root mean square. */
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { knownExtent, oneInput } from './misfit.ts';
import { weightParam } from './params.ts';

export interface UnitNormalizationConfig {
  readonly axes: readonly number[];
}

export interface RmsNormalizationConfig extends UnitNormalizationConfig {
  readonly epsilon: number;
  readonly scale: Initializer;
}

export const unitNormalization: LayerSpec<UnitNormalizationConfig> = {
  classNames: ['UnitNormalization'],
  parse: (config) => ({ axes: readAxes(config, 'axis', -1) }),
  params: () => [],
  outputShape({ axes }, inputs) {
    const input = oneInput(inputs);
    resolveAxes(input, axes);
    return input;
  },
};

export const rmsNormalization: LayerSpec<RmsNormalizationConfig> = {
  classNames: ['RMSNormalization'],
  parse: (config) => ({
    axes: readAxes(config, 'axis', -1),
    epsilon: config.number('epsilon', 1e-6, { min: 0 }),
    scale: config.initializer('scale_initializer', 'ones'),
  }),
  params({ axes, scale }, inputs) {
    const input = oneInput(inputs);
    const shape = resolveAxes(input, axes).map((axis) => knownExtent(input, axis - 1));
    return [weightParam('scale', shape, scale)];
  },
  outputShape(_config, inputs) {
    return oneInput(inputs);
  },
};
