/** Activation and Softmax: activations as layers of their own. */
import { type ActivationName, readActivation } from '../activations.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { oneInput } from './misfit.ts';

export interface ActivationConfig {
  readonly activation: ActivationName;
}

export interface SoftmaxConfig {
  /** The axes over which probabilities add up to 1, as written: negative counts from the end, 0 is the batch. */
  readonly axes: readonly number[];
}

export const activation: LayerSpec<ActivationConfig> = {
  classNames: ['Activation'],
  parse(config) {
    if ((config.raw('activation') ?? null) === null) config.fail('activation', 'is required');
    return { activation: readActivation(config) };
  },
  params: () => [],
  outputShape: (_config, inputs) => oneInput(inputs),
};

export const softmax: LayerSpec<SoftmaxConfig> = {
  classNames: ['Softmax'],
  parse: (config) => ({ axes: readAxes(config, 'axis', -1) }),
  params: () => [],
  outputShape({ axes }, inputs) {
    const input = oneInput(inputs);
    resolveAxes(input, axes);
    return input;
  },
};
