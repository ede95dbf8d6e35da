/** What SimpleRNN, GRU and LSTM share: one kernel for the input, one for the state, gates side by side in the last axis. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { knownExtent, oneInput } from './misfit.ts';
import { type BiasInitializer, readBias, weightParam } from './params.ts';

export interface RecurrentConfig {
  readonly units: number;
  readonly activation: ActivationRef;
  readonly kernel: Initializer;
  readonly recurrentKernel: Initializer;
  readonly bias: BiasInitializer;
  /** All states [t, units], in the order in which they were computed, or only the last one. */
  readonly returnSequences: boolean;
  /** From the last step to the first. */
  readonly goBackwards: boolean;
}

/** A recurrent layer with gates. */
export interface GatedConfig extends RecurrentConfig {
  readonly recurrentActivation: ActivationRef;
}

/** Refuses what makes a layer more than a function of one input; `unroll` and dropout do not change the result and are ignored. */
export function readRecurrent(config: ConfigReader): RecurrentConfig {
  if (config.boolean('stateful', false)) {
    config.fail('stateful', 'must be false: no state is kept from one batch to the next');
  }
  if (config.boolean('return_state', false)) {
    config.fail(
      'return_state',
      'must be false: a layer has one output here; use return_sequences, or cut the model before it',
    );
  }
  return {
    units: config.integer('units', undefined, { min: 1 }),
    activation: readActivation(config, 'activation', 'tanh'),
    kernel: config.initializer('kernel_initializer', 'glorotUniform'),
    recurrentKernel: config.initializer('recurrent_initializer', 'orthogonal'),
    bias: readBias(config),
    returnSequences: config.boolean('return_sequences', false),
    goBackwards: config.boolean('go_backwards', false),
  };
}

/** The same with the activation of the gates; tfjs' default where the key is absent (Keras 3 always writes it). */
export function readGated(config: ConfigReader): GatedConfig {
  return {
    ...readRecurrent(config),
    recurrentActivation: readActivation(config, 'recurrent_activation', 'hard_sigmoid'),
  };
}

/** kernel [d, gates units], recurrent_kernel [units, gates units] and the bias, whose shape the cell decides. */
export function recurrentParams(
  { units, kernel, recurrentKernel, bias }: RecurrentConfig,
  inputs: readonly Shape[],
  gates: number,
  biasShape: readonly number[] = [gates * units],
): LayerParam[] {
  const features = knownExtent(oneInput(inputs, 2), -1);
  const params = [
    weightParam('kernel', [features, gates * units], kernel),
    weightParam('recurrent_kernel', [units, gates * units], recurrentKernel),
  ];
  return bias === null ? params : [...params, { key: 'bias', shape: biasShape, initializer: bias, group: 'bias' }];
}

/** [t, d] -> [t, units] or [units]. */
export function recurrentShape({ units, returnSequences }: RecurrentConfig, inputs: readonly Shape[]): Shape {
  const [steps] = oneInput(inputs, 2);
  return returnSequences ? [steps ?? null, units] : [units];
}
