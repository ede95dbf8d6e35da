/** ConvLSTM1D/2D/3D: an LSTM whose products are convolutions; kernel [...size, channels, 4 filters], states of images. */
import { type ActivationRef, readActivation } from '../activations.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { type BiasInitializer, readBias, weightParam } from './params.ts';
import { checkStates, readSequence, recurrentCall, type SequenceConfig, sequenceInput } from './recurrent.ts';
import { joinShape, knownChannels, readConvWindow, slide, splitShape, type Window } from './window.ts';

export interface ConvLstmConfig extends SequenceConfig {
  readonly filters: number;
  /** The convolution of the input; the state is convolved with strides of 1 and padding "same". */
  readonly window: Window;
  readonly activation: ActivationRef;
  readonly recurrentActivation: ActivationRef;
  readonly kernel: Initializer;
  readonly recurrentKernel: Initializer;
  readonly bias: BiasInitializer;
}

function convLstm(rank: 1 | 2 | 3, className: string): LayerSpec<ConvLstmConfig> {
  const stepOf = (inputs: readonly Shape[]): Shape => sequenceInput(inputs, rank + 2).slice(1);
  const stateShape = ({ filters, window }: ConvLstmConfig, inputs: readonly Shape[]): Shape => {
    const { space } = splitShape(stepOf(inputs), window.dataFormat);
    return joinShape(slide(window, space), filters, window.dataFormat);
  };
  return {
    classNames: [className],
    call: recurrentCall,
    parse(config) {
      const bias = readBias(config);
      const unitForgetBias = config.boolean('unit_forget_bias', true);
      return {
        ...readSequence(config),
        filters: config.integer('filters', undefined, { min: 1 }),
        window: readConvWindow(config, rank, ['valid', 'same']),
        activation: readActivation(config, 'activation', 'tanh'),
        recurrentActivation: readActivation(config, 'recurrent_activation', 'hard_sigmoid'),
        kernel: config.initializer('kernel_initializer', 'glorotUniform'),
        recurrentKernel: config.initializer('recurrent_initializer', 'orthogonal'),
        bias: bias !== null && unitForgetBias ? { kind: 'unit-forget-bias', rest: bias } : bias,
      };
    },
    params({ filters, window, kernel, recurrentKernel, bias }, inputs) {
      const channels = knownChannels(stepOf(inputs), window.dataFormat);
      const params: LayerParam[] = [
        weightParam('kernel', [...window.size, channels, 4 * filters], kernel),
        weightParam('recurrent_kernel', [...window.size, filters, 4 * filters], recurrentKernel),
      ];
      return bias === null
        ? params
        : [...params, { key: 'bias', shape: [4 * filters], initializer: bias, group: 'bias' }];
    },
    outputShape(config, inputs, call) {
      const state = stateShape(config, inputs);
      checkStates([state, state], inputs, call);
      return config.returnSequences ? [sequenceInput(inputs, rank + 2)[0] ?? null, ...state] : state;
    },
    furtherShapes(config, inputs) {
      const state = stateShape(config, inputs);
      return config.returnState ? [state, state] : [];
    },
    keras3Key: (_config, key) => `conv_lstm_cell/${key}`,
    keras3Group: () => 'cell',
  };
}

export const convLstm1d = convLstm(1, 'ConvLSTM1D');
export const convLstm2d = convLstm(2, 'ConvLSTM2D');
export const convLstm3d = convLstm(3, 'ConvLSTM3D');
