/**
 * Attention.
 *
 *   y = softmax(s q k^T) v,   s the trained scale or 1
 *
 * Reference: M.-T. Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", arXiv 1508.04025 (2015).
 */
import { AppError } from '../../../errors.ts';
import type { AttentionConfig } from '../../../topology/layers/attention.ts';
import { softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, LayerForward } from '../layer-forward.ts';

/** [query, value] or [query, value, key]; without a key the value is the key. */
export function attentionTensors(inputs: readonly Tensor[]): { query: Tensor; value: Tensor; key: Tensor } {
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined) {
    throw new AppError('LAYER_INVALID', `takes [query, value] or [query, value, key], got ${inputs.length} inputs`);
  }
  return { query, value, key };
}

export const isCausal = ({ call }: ForwardContext) => call.use_causal_mask === true;

// Far below every score, and finite: exp of it is exactly 0.
const hidden = -1e9;

/** scores [..., T, S]: with `causal`, step i sees only steps up to i. */
export function maskScores(scores: Tensor, causal: boolean): Tensor {
  if (!causal) return scores;
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  const mask = Float32Array.from({ length: rows * columns }, (_, at) =>
    at % columns > Math.floor(at / columns) ? hidden : 0,
  );
  return tf.add(scores, tf.tensor2d(mask, [rows, columns]));
}

export const attention: LayerForward<AttentionConfig> = ({ causal }, inputs, weights, context) => {
  const { query, value, key } = attentionTensors(inputs); // [n, T, d], [n, S, e], [n, S, d]
  const products = tf.matMul(query, key, false, true); // [n, T, S]
  const scores = weights.scale?.applyLinear((scale) => tf.mul(products, scale)) ?? products;
  return tf.matMul(softmax(maskScores(scores, causal || isCausal(context))), value); // [n, T, e]
};
