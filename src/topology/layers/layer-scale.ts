/** LayerScale (ConvNeXt of keras.applications, vision transformers): multiplies every channel by a trained factor with a small initial value. */
import type { LayerSpec } from '../layer-spec.ts';
import { misfit, oneInput, showShape } from './misfit.ts';
import { weightParam } from './params.ts';

export interface LayerScaleConfig {
  readonly initial: number;
  /** Extent of the last axis. */
  readonly channels: number;
}

export const layerScale: LayerSpec<LayerScaleConfig> = {
  classNames: ['LayerScale'],
  parse: (config) => ({
    initial: config.number('init_values'),
    channels: config.integer('projection_dim', undefined, { min: 1 }),
  }),
  params: ({ initial, channels }) => [weightParam('gamma', [channels], { kind: 'constant', value: initial })],
  outputShape({ channels }, inputs) {
    const input = oneInput(inputs);
    const last = input.at(-1) ?? null;
    return last === channels || last === null
      ? input
      : misfit(`has ${last} channels in ${showShape(input)}, projection_dim is ${channels}`);
  },
};
