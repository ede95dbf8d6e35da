/** GRU: gates z, r, h; the reset gate is applied after the matrix product (Keras 3, cuDNN) or before it (tfjs, Keras 2.0). */
import { type GatedConfig, readGated, recurrentParams, recurrentSpec } from './recurrent.ts';

export interface GruConfig extends GatedConfig {
  /** The default is true in Keras and false in tfjs; files of Keras always have the key. */
  readonly resetAfter: boolean;
}

export const gru = recurrentSpec<GruConfig>(1, {
  classNames: ['GRU'],
  parse: (config) => ({ ...readGated(config), resetAfter: config.boolean('reset_after', false) }),
  params(config, inputs) {
    const gates = 3 * config.units;
    // Row 0 is the bias of the input, row 1 that of the state: with reset_after the two are not summed.
    return recurrentParams(config, inputs, 3, config.resetAfter ? [2, gates] : [gates]);
  },
  keras3Key: (_config, key) => `gru_cell/${key}`,
});
