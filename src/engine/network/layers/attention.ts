/**
 * Attention and AdditiveAttention (src/topology/layers/attention.ts has the formulas of the scores).
 *
 *   y = softmax(scores) v
 *
 * Scores of masked values are reduced by 1e9, and the output of a masked query is 0, as in Keras.
 * References: M.-T. Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", arXiv 1508.04025 (2015); D. Bahdanau et al.,
 * "Neural Machine Translation by Jointly Learning to Align and Translate", arXiv 1409.0473 (2014).
 */
import { AppError } from '../../../errors.ts';
import type { AttentionConfig } from '../../../topology/layers/attention.ts';
import { softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, LayerForward, Weight } from '../layer-forward.ts';
import { weightOf } from './common.ts';

/** [query, value] or [query, value, key]; without a key, the value is also the key. */
export function attentionTensors(inputs: readonly Tensor[]): { query: Tensor; value: Tensor; key: Tensor } {
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined) {
    throw new AppError('LAYER_INVALID', `takes [query, value] or [query, value, key], got ${inputs.length} inputs`);
  }
  return { query, value, key };
}

/** True when the call has the argument use_causal_mask. */
export const isCausal = ({ call }: ForwardContext) => call.use_causal_mask === true;

/** Finite, but so far below every score that its exp is exactly 0. */
const hidden = -1e9;

/** scores [..., T, S]: with `causal`, step i attends only to steps up to i. */
function maskScores(scores: Tensor, causal: boolean): Tensor {
  if (!causal) return scores;
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  const mask = Float32Array.from({ length: rows * columns }, (_, at) =>
    at % columns > Math.floor(at / columns) ? hidden : 0,
  );
  return tf.add(scores, tf.tensor2d(mask, [rows, columns]));
}

/** Subtracts 1e9 from scores where `visible`, which is 1 or 0 and broadcasts against them, is 0. */
export const hideScores = (scores: Tensor, visible: Tensor): Tensor =>
  tf.add(scores, tf.mul(tf.sub(1, visible), hidden));

type Weights = Readonly<Record<string, Weight>>;

/** [n, T, S] from queries [n, T, d] and keys [n, S, d]. */
function scoresOf({ scores }: AttentionConfig, query: Tensor, key: Tensor, weights: Weights): Tensor {
  if (scores === 'dot') {
    const products = tf.matMul(query, key, false, true);
    return weights.scale?.applyLinear((scale) => tf.mul(products, scale)) ?? products;
  }
  const sums = tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)); // [n, T, S, d]
  if (scores === 'additive') {
    const bent = tf.tanh(sums);
    return weights.scale?.applyLinear((scale) => tf.sum(tf.mul(bent, scale), -1)) ?? tf.sum(bent, -1);
  }
  const bent = tf.tanh(weights.scale === undefined ? sums : tf.mul(sums, weights.scale.value()));
  return weightOf(weights, 'concat_score_weight').applyLinear((weight) => tf.mul(tf.sum(bent, -1), weight));
}

export const attention: LayerForward<AttentionConfig> = (config, inputs, weights, context) => {
  const { query, value, key } = attentionTensors(inputs); // [n, T, d], [n, S, e], [n, S, d]
  const [queryMask, valueMask] = context.masks ?? [];
  const scores = maskScores(scoresOf(config, query, key, weights), config.causal || isCausal(context));
  const probabilities = softmax(valueMask ? hideScores(scores, tf.expandDims(valueMask, 1)) : scores); // [n, T, S]
  const seen = tf.matMul(probabilities, value); // [n, T, e]
  const y = queryMask ? tf.mul(seen, tf.expandDims(queryMask, 2)) : seen;
  if (context.call.return_attention_scores === true) context.emit?.([probabilities]);
  return y;
};
