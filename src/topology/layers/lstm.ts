/** LSTM: gates i, f, c, o. */
import type { LayerSpec } from '../layer-spec.ts';
import { type GatedConfig, readGated, recurrentParams, recurrentShape } from './recurrent.ts';

export const lstm: LayerSpec<GatedConfig> = {
  classNames: ['LSTM'],
  parse(config) {
    const read = readGated(config);
    const unitForgetBias = config.boolean('unit_forget_bias', true);
    if (read.bias === null || !unitForgetBias) return read;
    return { ...read, bias: { kind: 'unit-forget-bias', rest: read.bias } };
  },
  params: (config, inputs) => recurrentParams(config, inputs, 4),
  outputShape: recurrentShape,
  keras3Key: (_config, key) => `lstm_cell/${key}`,
};
