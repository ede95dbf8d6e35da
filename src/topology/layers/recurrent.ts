/** The common part of SimpleRNN, GRU and LSTM: one kernel for the input and one for the state, with the gates concatenated in the last axis. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { CallArguments, LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { knownExtent, misfit, showShape } from './misfit.ts';
import { type BiasInitializer, readBias, weightParam } from './params.ts';

/** Options of every layer that iterates over time. */
export interface SequenceConfig {
  /** True: the output is all states [t, ...], in the order of computation; false: only the last one. */
  readonly returnSequences: boolean;
  /** True: the final states are further outputs. */
  readonly returnState: boolean;
  /** True: the sequence is processed from the last step to the first. */
  readonly goBackwards: boolean;
  /** True: the output at masked steps is 0; false: it repeats the previous output. */
  readonly zeroOutputForMask: boolean;
}

export interface RecurrentConfig extends SequenceConfig {
  readonly units: number;
  readonly activation: ActivationRef;
  readonly kernel: Initializer;
  readonly recurrentKernel: Initializer;
  readonly bias: BiasInitializer;
}

/** A recurrent layer with gates. */
export interface GatedConfig extends RecurrentConfig {
  readonly recurrentActivation: ActivationRef;
}

/** `stateful` is read and ignored: a run draws its batches at random, so that every batch starts with new states. */
export function readSequence(config: ConfigReader): SequenceConfig {
  config.boolean('stateful', false);
  return {
    returnSequences: config.boolean('return_sequences', false),
    returnState: config.boolean('return_state', false),
    goBackwards: config.boolean('go_backwards', false),
    zeroOutputForMask: config.boolean('zero_output_for_mask', false),
  };
}

/** `unroll` and dropout do not change the output and are ignored. */
export function readRecurrent(config: ConfigReader): RecurrentConfig {
  return {
    ...readSequence(config),
    units: config.integer('units', undefined, { min: 1 }),
    activation: readActivation(config, 'activation', 'tanh'),
    kernel: config.initializer('kernel_initializer', 'glorotUniform'),
    recurrentKernel: config.initializer('recurrent_initializer', 'orthogonal'),
    bias: readBias(config),
  };
}

/** A recurrent configuration with the activation of the gates. Its default is that of tfjs, because Keras 3 always writes the key. */
export function readGated(config: ConfigReader): GatedConfig {
  return {
    ...readRecurrent(config),
    recurrentActivation: readActivation(config, 'recurrent_activation', 'hard_sigmoid'),
  };
}

/** kernel [d, gates units], recurrent_kernel [units, gates units] and the bias, whose shape depends on the cell. */
export function recurrentParams(
  { units, kernel, recurrentKernel, bias }: RecurrentConfig,
  inputs: readonly Shape[],
  gates: number,
  biasShape: readonly number[] = [gates * units],
): LayerParam[] {
  const features = knownExtent(sequenceInput(inputs, 2), -1);
  const params = [
    weightParam('kernel', [features, gates * units], kernel),
    weightParam('recurrent_kernel', [units, gates * units], recurrentKernel),
  ];
  return bias === null ? params : [...params, { key: 'bias', shape: biasShape, initializer: bias, group: 'bias' }];
}

/** The sequence, [t, ...] with `rank` axes without the batch axis; initial states may follow it. */
export function sequenceInput(inputs: readonly Shape[], rank: number): Shape {
  const [sequence] = inputs;
  if (sequence === undefined || sequence.length !== rank)
    return misfit(`must have ${rank + 1} axes (batch, time, ...), got ${sequence ? showShape(sequence) : 'nothing'}`);
  return sequence;
}

/** Positions of the initial states among the inputs: those that the call names, otherwise all inputs after the sequence. */
export function statePositions(inputs: number, call: CallArguments | undefined): number[] {
  const named = call?.initial_state;
  if (typeof named === 'number') return [named];
  if (Array.isArray(named)) return named.flat(3) as number[];
  return Array.from({ length: inputs - 1 }, (_, index) => index + 1);
}

/** Throws LAYER_INVALID when initial states are given and their number or shapes differ from those of the states. */
export function checkStates(states: readonly Shape[], inputs: readonly Shape[], call: CallArguments | undefined): void {
  const given = statePositions(inputs.length, call).map((position) => inputs[position] as Shape);
  if (given.length === 0) return;
  const fits = given.length === states.length && given.every((shape, index) => shape.join() === states[index]?.join());
  if (!fits)
    misfit(
      `must be initial states of the shapes ${states.map(showShape).join(', ')}, got ${given.map(showShape).join(', ')}`,
    );
}

/** The call arguments of layers over time: initial states. */
export const recurrentCall = { extras: ['initial_state'] } as const;

/** [t, d] -> [t, units] or [units]. */
function recurrentShape({ units, returnSequences }: RecurrentConfig, inputs: readonly Shape[]): Shape {
  const [steps] = sequenceInput(inputs, 2);
  return returnSequences ? [steps ?? null, units] : [units];
}

/** The specification of a layer whose cell has `states` state vectors of `units` elements. */
export function recurrentSpec<C extends RecurrentConfig>(
  states: number,
  spec: Pick<LayerSpec<C>, 'classNames' | 'parse' | 'params' | 'keras3Key'>,
): LayerSpec<C> {
  const stateShapes = ({ units }: C): Shape[] => Array.from({ length: states }, () => [units]);
  return {
    ...spec,
    call: recurrentCall,
    outputShape(config, inputs, call) {
      checkStates(stateShapes(config), inputs, call);
      return recurrentShape(config, inputs);
    },
    furtherShapes: (config) => (config.returnState ? stateShapes(config) : []),
    keras3Group: () => 'cell',
  };
}
