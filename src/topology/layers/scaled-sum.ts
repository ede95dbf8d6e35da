/** CustomScaleLayer (InceptionResNetV2 of keras.applications): x + scale y, the sum at the end of a residual branch. */
import type { LayerSpec } from '../layer-spec.ts';
import { add } from './merge.ts';
import { misfit } from './misfit.ts';

export interface ScaledSumConfig {
  readonly scale: number;
}

export const scaledSum: LayerSpec<ScaledSumConfig> = {
  classNames: ['CustomScaleLayer'],
  parse: (config) => ({ scale: config.number('scale') }),
  params: () => [],
  outputShape: (_config, inputs) =>
    inputs.length === 2 ? add.outputShape(null, inputs) : misfit(`must be 2 tensors, got ${inputs.length}`),
};
