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

/** A parameter of the group 'weight'. */
export function weightParam(key: string, shape: readonly number[], initializer: Initializer): LayerParam {
  return { key, shape, initializer, group: 'weight' };
}

/** The bias of `units` outputs, or nothing. */
export function biasParams(units: number, initializer: BiasInitializer): LayerParam[] {
  return initializer === null ? [] : [{ key: 'bias', shape: [units], initializer, group: 'bias' }];
}
