/**
 * Layers that are the identity here: they act in training only (dropout and noise are inactive during initialisation), add a penalty to the loss, or
 * do nothing.
 */
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';

function identityLayer(...classNames: [string, ...string[]]): LayerSpec<null> {
  return { classNames, parse: () => null, params: () => [], outputShape: (_config, inputs) => oneInput(inputs) };
}

/** Dropout or noise with one rate or standard deviation in [0, max]. */
function noiseLayer(key: string, max: number, ...classNames: [string, ...string[]]): LayerSpec<null> {
  return {
    ...identityLayer(...classNames),
    parse(config) {
      config.number(key, undefined, { min: 0, max });
      return null;
    },
  };
}

export const dropout = noiseLayer('rate', 1, 'Dropout');
export const spatialDropout1d = noiseLayer('rate', 1, 'SpatialDropout1D');
export const spatialDropout2d = noiseLayer('rate', 1, 'SpatialDropout2D');
export const spatialDropout3d = noiseLayer('rate', 1, 'SpatialDropout3D');
export const gaussianDropout = noiseLayer('rate', 1, 'GaussianDropout');
export const alphaDropout = noiseLayer('rate', 1, 'AlphaDropout');
export const gaussianNoise = noiseLayer('stddev', Number.MAX_VALUE, 'GaussianNoise');
export const identity = identityLayer('Identity');

/** Penalties on outputs are not part of the loss, so that only strength 0 is accepted. */
export const activityRegularization: LayerSpec<null> = {
  ...identityLayer('ActivityRegularization'),
  parse(config) {
    for (const key of ['l1', 'l2'])
      if (config.number(key, 0) !== 0) config.fail(key, 'must be 0: a penalty on outputs is not part of the loss here');
    return null;
  },
};
