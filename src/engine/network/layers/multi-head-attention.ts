/**
 * Multi-head attention as in Keras 3.
 *
 *   head_h = softmax(q_h k_g^T / sqrt(K)) v_g,   q_h = x_q W_q,h + b_q,h and so on,   y = concat(head) W_o + b_o
 *
 * H heads of queries, G of keys and values (G = H except for grouped queries, where head h uses g = floor(h G / H)), K key_dim, V value_dim. With a
 * gate every head is multiplied by sigmoid(x_q W_g + b_g). Kernels are stored for einsum, [d, H, K] and [H, V, o]; each projection is computed as one
 * matrix product with the kernel reshaped to [d, H K] or [H V, o].
 * References: A. Vaswani et al., "Attention Is All You Need", arXiv 1706.03762 (2017); J. Ainslie et al., "GQA", arXiv 2305.13245 (2023).
 */
import type { MultiHeadAttentionConfig } from '../../../topology/layers/multi-head-attention.ts';
import { softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, LayerForward, Weight } from '../layer-forward.ts';
import { attentionTensors, hideScores, isCausal } from './attention.ts';
import { weightOf } from './common.ts';

type Weights = Readonly<Record<string, Weight>>;

/** x [..., f] times the kernel reshaped to [f, g], plus the bias reshaped to [g]: [..., g]. */
function project(x: Tensor, weights: Weights, name: string): Tensor {
  const features = x.shape.at(-1) as number;
  const flat = tf.reshape(x, [-1, features]);
  const kernel = weightOf(weights, `${name}/kernel`);
  const product = kernel.applyLinear((theta) => tf.matMul(flat, tf.reshape(theta, [features, -1])));
  const bias = weights[`${name}/bias`];
  const y = bias === undefined ? product : tf.add(product, tf.reshape(bias.value(), [-1]));
  return tf.reshape(y, [...x.shape.slice(0, -1), -1]);
}

/** The permutation of the axes of [n, ..., features] to [free, attended, features], and its inverse. */
interface Layout {
  readonly order: readonly number[];
  readonly free: readonly number[];
  readonly attended: readonly number[];
}

function layoutOf(x: Tensor, axes: readonly number[] | null): Layout {
  const middle = Array.from({ length: x.rank - 2 }, (_, axis) => axis + 1);
  const attended = axes === null ? middle : axes.map((axis) => (axis < 0 ? axis + x.rank : axis)).sort((a, b) => a - b);
  const free = [0, ...middle.filter((axis) => !attended.includes(axis))];
  return { order: [...free, ...attended, x.rank - 1], free, attended };
}

const product = (x: Tensor, axes: readonly number[]) =>
  axes.reduce((size, axis) => size * (x.shape[axis] as number), 1);

/** [n, ..., H k] -> [N, H, T, k], where N combines the free axes and T the attended ones. */
function splitHeads(x: Tensor, { order, free, attended }: Layout, heads: number): Tensor {
  const turned = tf.transpose(x, [...order]);
  return tf.transpose(tf.reshape(turned, [product(x, free), product(x, attended), heads, -1]), [0, 2, 1, 3]);
}

/** The inverse of `splitHeads`, with the shape of `like` except for the features. */
function joinHeads(x: Tensor, { order, free, attended }: Layout, like: Tensor): Tensor {
  const extents = [...free, ...attended].map((axis) => like.shape[axis] as number);
  const joined = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [...extents, -1]);
  return tf.transpose(
    joined,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** [N, G, S, k] -> [N, H, S, k], where every head is repeated for the query heads that share it. */
function repeatHeads(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [n, heads, ...rest] = x.shape as [number, number, number, number];
  const tiled = tf.tile(tf.expandDims(x, 2), [1, 1, times, 1, 1]);
  return tf.reshape(tiled, [n, heads * times, ...rest]);
}

/** [rows, columns] of 1 and 0, by the distance of a key from its query. */
function visibleSteps(rows: number, columns: number, causal: boolean, window: number | null): Tensor {
  const visible = Float32Array.from({ length: rows * columns }, (_, at) => {
    const ahead = (at % columns) - Math.floor(at / columns);
    return (causal && ahead > 0) || (window !== null && Math.abs(ahead) >= window) ? 0 : 1;
  });
  return tf.tensor2d(visible, [rows, columns]);
}

/** The scores [N, H, T, S] that count: 1 or 0 in a shape that broadcasts against them; null: all. A given mask is [n, T, S] or [n, H, T, S]. */
function visibleScores(
  scores: Tensor,
  { slidingWindow }: MultiHeadAttentionConfig,
  context: ForwardContext,
  given: Tensor | null,
): Tensor | null {
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  const [queryMask, valueMask, keyMask] = context.masks ?? [];
  const masks: Tensor[] = [];
  if (queryMask) masks.push(tf.reshape(queryMask, [-1, 1, rows, 1]));
  for (const mask of [valueMask, keyMask]) if (mask) masks.push(tf.reshape(mask, [-1, 1, 1, columns]));
  if (isCausal(context) || slidingWindow !== null)
    masks.push(visibleSteps(rows, columns, isCausal(context), slidingWindow));
  if (given) masks.push(given.rank === 3 ? tf.expandDims(given, 1) : given);
  return masks.length === 0 ? null : masks.reduce((all, mask) => tf.mul(all, mask));
}

/** The attention mask of the call, and the inputs without it. */
function takeMask(inputs: readonly Tensor[], { call }: ForwardContext): { tensors: Tensor[]; given: Tensor | null } {
  const position = typeof call.attention_mask === 'number' ? call.attention_mask : -1;
  return { tensors: inputs.filter((_, index) => index !== position), given: inputs[position] ?? null };
}

export const multiHeadAttention: LayerForward<MultiHeadAttentionConfig> = (config, inputs, weights, context) => {
  const { tensors, given } = takeMask(inputs, context);
  const { query, value, key } = attentionTensors(tensors); // [n, ..., d], [n, ..., e], [n, ..., f]
  const { heads, keyHeads } = config;
  const served = heads / keyHeads;
  const layout = layoutOf(query, config.axes);
  const q = splitHeads(tf.mul(project(query, weights, 'query'), 1 / Math.sqrt(config.keyDim)), layout, heads);
  const k = repeatHeads(splitHeads(project(key, weights, 'key'), layout, keyHeads), served); // [N, H, S, K]
  const v = repeatHeads(splitHeads(project(value, weights, 'value'), layout, keyHeads), served); // [N, H, S, V]
  const scores = tf.matMul(q, k, false, true); // [N, H, T, S]
  const visible = visibleScores(scores, config, context, given);
  const probabilities = softmax(visible ? hideScores(scores, visible) : scores);
  const joined = joinHeads(tf.matMul(probabilities, v), layout, query); // [n, ..., H V]
  const gated = config.gate ? tf.mul(joined, tf.sigmoid(project(query, weights, 'gate'))) : joined;
  const extents = (x: Tensor, axes: readonly number[]) => axes.map((axis) => x.shape[axis] as number);
  const shape = [
    ...extents(query, layout.free),
    heads,
    ...extents(query, layout.attended),
    ...extents(key, layout.attended),
  ];
  if (context.call.return_attention_scores === true) context.emit?.([tf.reshape(probabilities, shape)]);
  return project(gated, weights, 'attention_output'); // [n, ..., o]
};
