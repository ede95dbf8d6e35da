/** Parameters that many layers declare the same way. */
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerParam } from '../topology.ts';

/** null: the layer has no bias. */
export type BiasInitializer = Initializer | null;

/** use_bias and bias_initializer. */
export function readBias(config: ConfigReader): BiasInitializer {
  return config.boolean('use_bias', true) ? config.initializer('bias_initializer', 'zeros') : null;
}

/** The initializer of a dense or convolution kernel; absent: tfjs' default (Keras, whose default is another, always writes the key). */
export function kernelInitializer(config: ConfigReader, key: string): Initializer {
  return config.initializer(key, 'glorotNormal');
}

/** A parameter of the group 'weight'. */
export function weightParam(key: string, shape: readonly number[], initializer: Initializer): LayerParam {
  return { key, shape, initializer, group: 'weight' };
}

/** The bias of `units` outputs, or nothing. */
export function biasParams(units: number, initializer: BiasInitializer): LayerParam[] {
  return initializer === null ? [] : [{ key: 'bias', shape: [units], initializer, group: 'bias' }];
}

/** Scale and shift after a normalisation; null where the layer has none. */
export interface Affine {
  readonly gamma: Initializer | null;
  readonly beta: Initializer | null;
}

/** `scale`, `center` and their initializers. */
export function readAffine(config: ConfigReader): Affine {
  return {
    gamma: config.boolean('scale', true) ? config.initializer('gamma_initializer', 'ones') : null,
    beta: config.boolean('center', true) ? config.initializer('beta_initializer', 'zeros') : null,
  };
}

/** gamma and beta of one shape. */
export function affineParams(shape: readonly number[], { gamma, beta }: Affine): LayerParam[] {
  const params = gamma === null ? [] : [weightParam('gamma', shape, gamma)];
  return beta === null ? params : [...params, { key: 'beta', shape, initializer: beta, group: 'bias' }];
}
