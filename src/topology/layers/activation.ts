/** Activation and Softmax: activations as separate layers. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { knownExtent, misfit, oneInput, showShape } from './misfit.ts';

export interface ActivationConfig {
  readonly activation: ActivationRef;
}

export interface SoftmaxConfig {
  /** The axes over which probabilities sum to 1, as configured: negative axes count from the end, 0 is the batch axis. */
  readonly axes: readonly number[];
}

export const activation: LayerSpec<ActivationConfig> = {
  classNames: ['Activation'],
  parse(config) {
    if ((config.raw('activation') ?? null) === null) config.fail('activation', 'is required');
    return { activation: readActivation(config) };
  },
  params: () => [],
  outputShape({ activation }, inputs) {
    const input = oneInput(inputs);
    if (activation !== 'glu') return input;
    const last = knownExtent(input, -1);
    if (last % 2 !== 0) return misfit(`must have an even last axis for glu, got ${showShape(input)}`);
    return [...input.slice(0, -1), last / 2];
  },
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
