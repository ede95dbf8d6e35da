/**
 * Multi-head attention as in Keras 3.
 *
 *   head_h = softmax(q_h k_h^T / sqrt(K)) v_h,   q_h = x_q W_q,h + b_q,h and so on,   y = concat(head) W_o + b_o
 *
 * H heads, K key_dim, V value_dim. Kernels are stored as einsum uses them, [d, H, K] and [H, V, o]; each projection here is one matrix product
 * with the kernel seen as [d, H K] or [H V, o].
 * Reference: A. Vaswani et al., "Attention Is All You Need", arXiv 1706.03762 (2017).
 */
import type { MultiHeadAttentionConfig } from '../../../topology/layers/multi-head-attention.ts';
import { softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward, Weight } from '../layer-forward.ts';
import { attentionTensors, isCausal, maskScores } from './attention.ts';
import { weightOf } from './common.ts';

type Weights = Readonly<Record<string, Weight>>;

/** x [n, t, f] times the kernel seen as [f, g], plus the bias seen as [g]: [n, t, g]. */
function project(x: Tensor, weights: Weights, name: string): Tensor {
  const [samples, steps, features] = x.shape as [number, number, number];
  const flat = tf.reshape(x, [samples * steps, features]);
  const kernel = weightOf(weights, `${name}/kernel`);
  const product = kernel.applyLinear((theta) => tf.matMul(flat, tf.reshape(theta, [features, -1]))); // [n t, g]
  const bias = weights[`${name}/bias`];
  const y = bias === undefined ? product : tf.add(product, tf.reshape(bias.value(), [-1]));
  return tf.reshape(y, [samples, steps, -1]);
}

/** [n, t, H k] -> [n, H, t, k] */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [samples, steps] = x.shape as [number, number];
  return tf.transpose(tf.reshape(x, [samples, steps, heads, -1]), [0, 2, 1, 3]);
}

/** [n, H, t, v] -> [n, t, H v] */
function joinHeads(x: Tensor): Tensor {
  const [samples, , steps] = x.shape as [number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [samples, steps, -1]);
}

export const multiHeadAttention: LayerForward<MultiHeadAttentionConfig> = (config, inputs, weights, context) => {
  const { query, value, key } = attentionTensors(inputs); // [n, T, d], [n, S, e], [n, S, f]
  const q = splitHeads(tf.mul(project(query, weights, 'query'), 1 / Math.sqrt(config.keyDim)), config.heads);
  const k = splitHeads(project(key, weights, 'key'), config.heads); // [n, H, S, K]
  const v = splitHeads(project(value, weights, 'value'), config.heads); // [n, H, S, V]
  const scores = maskScores(tf.matMul(q, k, false, true), isCausal(context)); // [n, H, T, S]
  const heads = tf.matMul(softmax(scores), v); // [n, H, T, V]
  return project(joinHeads(heads), weights, 'attention_output'); // [n, T, o]
};
