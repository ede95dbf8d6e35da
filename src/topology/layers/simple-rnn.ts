/** SimpleRNN: h' = activation(x kernel + h recurrent_kernel + bias). */
import type { LayerSpec } from '../layer-spec.ts';
import { type RecurrentConfig, readRecurrent, recurrentParams, recurrentShape } from './recurrent.ts';

export const simpleRnn: LayerSpec<RecurrentConfig> = {
  classNames: ['SimpleRNN'],
  parse: readRecurrent,
  params: (config, inputs) => recurrentParams(config, inputs, 1),
  outputShape: recurrentShape,
  keras3Key: (_config, key) => `simple_rnn_cell/${key}`,
};
