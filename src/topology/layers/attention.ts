/**
 * Attention and AdditiveAttention: scores of queries and keys, softmax, weighted sum of the values.
 *
 *   dot        s q k^T                               s trained or 1
 *   concat     w sum(tanh(s (q + k)))                w trained
 *   additive   sum(s tanh(q + k))                    s trained, one number for each feature, or 1
 */
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { knownExtent, misfit, showShape } from './misfit.ts';
import { weightParam } from './params.ts';

export interface AttentionConfig {
  readonly scores: 'dot' | 'concat' | 'additive';
  readonly useScale: boolean;
  /** An option of Keras 2, which Keras 3 replaces by the call argument use_causal_mask: no step attends to later ones. */
  readonly causal: boolean;
}

const one: Initializer = { kind: 'constant', value: 1 };
const glorot: Initializer = { kind: 'variance-scaling', scale: 1, mode: 'fanAvg', distribution: 'uniform' };

/** [query, value] or [query, value, key], each [time, features]; without a key, the value is also the key. */
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

function outputShape(inputs: readonly Shape[]): Shape {
  const { query, value, key } = attentionInputs(inputs);
  const [left, right] = [query[1] ?? null, key[1] ?? null];
  if (left !== null && right !== null && left !== right) {
    misfit(`must have queries and keys of the same features, got ${showShape(query)} and ${showShape(key)}`);
  }
  return [query[0] ?? null, value[1] ?? null];
}

/** Shape of the second output of a call with return_attention_scores: the probabilities [queries, values]. */
function scoresShape(inputs: readonly Shape[], call: Readonly<Record<string, unknown>> | undefined): Shape[] {
  if (call?.return_attention_scores !== true) return [];
  const { query, key } = attentionInputs(inputs);
  return [[query[0] ?? null, key[0] ?? null]];
}

/** The call arguments of attention layers: several tensors, use_causal_mask, and return_attention_scores for a second output. */
export const attentionCall = {
  tensors: ['query', 'value', 'key'],
  flags: ['use_causal_mask', 'return_attention_scores'],
} as const;

export const attention: LayerSpec<AttentionConfig> = {
  classNames: ['Attention'],
  call: attentionCall,
  parse: (config) => ({
    scores: config.oneOf('score_mode', ['dot', 'concat'], 'dot'),
    useScale: config.boolean('use_scale', false),
    causal: config.boolean('causal', false),
  }),
  params({ useScale, scores }) {
    const params: LayerParam[] = useScale ? [weightParam('scale', [], one)] : [];
    return scores === 'concat' ? [...params, weightParam('concat_score_weight', [], one)] : params;
  },
  outputShape: (_config, inputs) => outputShape(inputs),
  furtherShapes: (_config, inputs, given) => scoresShape(inputs, given),
};

export const additiveAttention: LayerSpec<AttentionConfig> = {
  classNames: ['AdditiveAttention'],
  call: attentionCall,
  parse: (config) => ({
    scores: 'additive',
    useScale: config.boolean('use_scale', true),
    causal: config.boolean('causal', false),
  }),
  params({ useScale }, inputs) {
    return useScale ? [weightParam('scale', [knownExtent(attentionInputs(inputs).query, -1)], glorot)] : [];
  },
  outputShape: (_config, inputs) => outputShape(inputs),
  furtherShapes: (_config, inputs, given) => scoresShape(inputs, given),
};
