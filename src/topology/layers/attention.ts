/** Attention: dot products of queries and keys, softmax, weighted sum of the values. */
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, showShape } from './misfit.ts';
import { weightParam } from './params.ts';

export interface AttentionConfig {
  /** One trained scalar that multiplies the scores. */
  readonly useScale: boolean;
  /** Keras 2's option for what Keras 3 gives at the call (use_causal_mask): no step sees later ones. */
  readonly causal: boolean;
}

const one: Initializer = { kind: 'constant', value: 1 };

/** [query, value] or [query, value, key], each [time, features]; without a key the value is the key. */
export function attentionInputs(inputs: readonly Shape[]): { query: Shape; value: Shape; key: Shape } {
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined || inputs.length > 3) {
    return misfit(`must be [query, value] or [query, value, key], got ${inputs.length} tensors`);
  }
  for (const shape of [query, value, key]) {
    if (shape.length !== 2) misfit(`must have 3 axes (batch, time, features), got ${showShape(shape)}`);
  }
  const [steps, keys] = [value[0] ?? null, key[0] ?? null];
  if (steps !== null && keys !== null && steps !== keys) {
    misfit(`must have as many keys as values, got ${showShape(key)} and ${showShape(value)}`);
  }
  return { query, value, key };
}

export const attention: LayerSpec<AttentionConfig> = {
  classNames: ['Attention'],
  parse(config) {
    config.oneOf('score_mode', ['dot'], 'dot');
    return { useScale: config.boolean('use_scale', false), causal: config.boolean('causal', false) };
  },
  params: ({ useScale }) => (useScale ? [weightParam('scale', [], one)] : []),
  outputShape(_config, inputs) {
    const { query, value, key } = attentionInputs(inputs);
    const [left, right] = [query[1] ?? null, key[1] ?? null];
    if (left !== null && right !== null && left !== right) {
      misfit(`must have queries and keys of the same features, got ${showShape(query)} and ${showShape(key)}`);
    }
    return [query[0] ?? null, value[1] ?? null];
  },
};
