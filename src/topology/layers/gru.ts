/** GRU: gates z, r, h; with the reset gate after the matrix product (Keras 3, cuDNN) or before it (tfjs, Keras 2.0). */
import { type GatedConfig, readGated, recurrentParams, recurrentSpec } from './recurrent.ts';

export interface GruConfig extends GatedConfig {
  /** Keras' default is true and tfjs' false; files of Keras have the key. */
  readonly resetAfter: boolean;
}

export const gru = recurrentSpec<GruConfig>(1, {
  classNames: ['GRU'],
  parse: (config) => ({ ...readGated(config), resetAfter: config.boolean('reset_after', false) }),
  params(config, inputs) {
    const gates = 3 * config.units;
    // Row 0 belongs to the input, row 1 to the state: with reset_after they are not added to one another.
    return recurrentParams(config, inputs, 3, config.resetAfter ? [2, gates] : [gates]);
  },
  keras3Key: (_config, key) => `gru_cell/${key}`,
});
