/** SimpleRNN: h' = activation(x kernel + h recurrent_kernel + bias). */
import { type RecurrentConfig, readRecurrent, recurrentParams, recurrentSpec } from './recurrent.ts';

export const simpleRnn = recurrentSpec<RecurrentConfig>(1, {
  classNames: ['SimpleRNN'],
  parse: readRecurrent,
  params: (config, inputs) => recurrentParams(config, inputs, 1),
  keras3Key: (_config, key) => `simple_rnn_cell/${key}`,
});
