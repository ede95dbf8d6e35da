/** Declarations of parameters that many layers share. */
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerParam } from '../topology.ts';

/** null: the layer has no bias. */
export type BiasInitializer = Initializer | null;

/** Reads use_bias and bias_initializer. */
export function readBias(config: ConfigReader): BiasInitializer {
  return config.boolean('use_bias', true) ? config.initializer('bias_initializer', 'zeros') : null;
}

/** The initializer of a dense or convolution kernel. The default is that of tfjs, because Keras, which has another one, always writes the key. */
export function kernelInitializer(config: ConfigReader, key: string): Initializer {
  return config.initializer(key, 'glorotNormal');
}

/** A parameter in the group 'weight'. */
export function weightParam(key: string, shape: readonly number[], initializer: Initializer): LayerParam {
  return { key, shape, initializer, group: 'weight' };
}

/** The bias of `units` outputs; an empty list for a layer without one. */
export function biasParams(units: number, initializer: BiasInitializer): LayerParam[] {
  return initializer === null ? [] : [{ key: 'bias', shape: [units], initializer, group: 'bias' }];
}

/** Initializers of the scale and shift of a normalisation; null where the layer has none. */
export interface Affine {
  readonly gamma: Initializer | null;
  readonly beta: Initializer | null;
}

/** Reads `scale`, `center` and their initializers. */
export function readAffine(config: ConfigReader): Affine {
  return {
    gamma: config.boolean('scale', true) ? config.initializer('gamma_initializer', 'ones') : null,
    beta: config.boolean('center', true) ? config.initializer('beta_initializer', 'zeros') : null,
  };
}

/** gamma and beta, both of the given shape. */
export function affineParams(shape: readonly number[], { gamma, beta }: Affine): LayerParam[] {
  const params = gamma === null ? [] : [weightParam('gamma', shape, gamma)];
  return beta === null ? params : [...params, { key: 'beta', shape, initializer: beta, group: 'bias' }];
}
