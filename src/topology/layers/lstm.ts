/** LSTM: gates i, f, c, o. */
import { type GatedConfig, readGated, recurrentParams, recurrentSpec } from './recurrent.ts';

export const lstm = recurrentSpec<GatedConfig>(2, {
  classNames: ['LSTM'],
  parse(config) {
    const read = readGated(config);
    const unitForgetBias = config.boolean('unit_forget_bias', true);
    if (read.bias === null || !unitForgetBias) return read;
    return { ...read, bias: { kind: 'unit-forget-bias', rest: read.bias } };
  },
  params: (config, inputs) => recurrentParams(config, inputs, 4),
  keras3Key: (_config, key) => `lstm_cell/${key}`,
});
