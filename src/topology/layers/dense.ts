/** Dense: activation(x kernel + bias) over the last axis. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { knownExtent, misfit, oneInput } from './misfit.ts';
import { type BiasInitializer, biasParams, kernelInitializer, readBias, weightParam } from './params.ts';

export interface DenseConfig {
  readonly units: number;
  readonly activation: ActivationRef;
  readonly kernel: Initializer;
  readonly bias: BiasInitializer;
}

export const dense: LayerSpec<DenseConfig> = {
  classNames: ['Dense'],
  parse: (config) => ({
    units: config.integer('units', undefined, { min: 1 }),
    activation: readActivation(config),
    kernel: kernelInitializer(config, 'kernel_initializer'),
    bias: readBias(config),
  }),
  params({ units, kernel, bias }, inputs) {
    const features = knownExtent(oneInput(inputs), -1);
    return [weightParam('kernel', [features, units], kernel), ...biasParams(units, bias)];
  },
  outputShape({ units }, inputs) {
    const shape = oneInput(inputs);
    return shape.length > 0 ? [...shape.slice(0, -1), units] : misfit('must have at least 2 axes (batch first)');
  },
};
