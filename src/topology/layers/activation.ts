/** Activation and Softmax: activations as layers of their own. */
import { type ActivationName, readActivation } from '../activations.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxis, resolveAxis } from './axes.ts';
import { oneInput } from './misfit.ts';

export interface ActivationConfig {
  readonly activation: ActivationName;
}

export interface SoftmaxConfig {
  /** As written: negative counts from the end, 0 is the batch. */
  readonly axis: number;
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
  parse: (config) => ({ axis: readAxis(config, 'axis', -1) }),
  params: () => [],
  outputShape({ axis }, inputs) {
    const input = oneInput(inputs);
    resolveAxis(input, axis);
    return input;
  },
};
