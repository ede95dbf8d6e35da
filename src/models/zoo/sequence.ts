/**
 * Positions and causal masks as stock layers.
 *
 * tfjs-layers has no constants. They are computed from the tokens by layers that ignore the values: Rescaling with scale 0.
 */
import type { Graph, Handle } from './graph.ts';
import { concatenate, extent, globalAveragePool, reshape } from './layers.ts';

/** scale x + offset; the result is float32 for any input dtype. */
export function rescale(graph: Graph, input: Handle, name: string, scale: number, offset = 0): Handle {
  return graph.call({ className: 'Rescaling', name, config: { scale, offset }, inputs: [input], shape: input.shape });
}

/** Dot product over the given axes of the two inputs, [n, d] and [m, d] (axes [2, 2]) or [n, m] and [m, d] (axes [2, 1]). */
export function dot(graph: Graph, inputs: readonly [Handle, Handle], name: string, axes: readonly [2, 1 | 2]): Handle {
  const [left, right] = inputs;
  const shape = [extent(left, 0), extent(right, axes[1] === 2 ? 0 : 1)];
  return graph.call({ className: 'Dot', name, config: { axes: [...axes], normalize: false }, inputs, shape });
}

/** [0, 1, ..., length - 1] for every sample of `tokens` ([length]), by doubling: (0 .. 2n-1) = (0 .. n-1) ++ (0 .. n-1) + n. */
export function positions(graph: Graph, tokens: Handle, name: string): Handle {
  const length = extent(tokens, 0);
  const nothing = rescale(graph, tokens, `${name}_nothing`, 0);
  const zero = globalAveragePool(graph, reshape(graph, nothing, `${name}_column`, [length, 1]), `${name}_zero`);

  const range = (count: number): Handle => {
    if (count === 1) return zero;
    const half = Math.floor(count / 2);
    const first = range(half);
    const parts = [first, rescale(graph, first, `${name}_${half}_on`, 1, half)];
    if (count % 2 === 1) parts.push(rescale(graph, zero, `${name}_at_${count - 1}`, 1, count - 1));
    return concatenate(graph, parts, `${name}_below_${count}`);
  };
  return range(length);
}

/** A bound above every attention score, and small enough that float32 sums with it are exact. */
const unbounded = 1e9;

/**
 * Upper bounds of attention scores, [n, n]: 1e9 or more where query i may see key j (j <= i), -1e9 or less where it may not.
 *
 * The bound is 1e9 (2 (i - j) + 1), with i - j = <(i, 1), (1, -j)>.
 */
export function causalBound(graph: Graph, position: Handle, name: string): Handle {
  const column = reshape(graph, position, `${name}_column`, [extent(position, 0), 1]);
  const one = rescale(graph, column, `${name}_one`, 0, 1);
  const negative = rescale(graph, column, `${name}_negative`, -1);
  const queries = concatenate(graph, [column, one], `${name}_queries`);
  const keys = concatenate(graph, [one, negative], `${name}_keys`);
  const distance = dot(graph, [queries, keys], `${name}_distance`, [2, 2]);
  return rescale(graph, distance, name, 2 * unbounded, unbounded);
}

/**
 * Token embedding times sqrt(width) plus a learned position embedding, both N(0, 1/width), as in fairseq.
 *
 * `tokens` [length] -> [length, width].
 */
export function embed(
  graph: Graph,
  tokens: Handle,
  { name, vocabulary, width, position }: { name: string; vocabulary: number; width: number; position: Handle },
): Handle {
  const length = extent(tokens, 0);
  const lookup = (input: Handle, layer: string, rows: number): Handle => {
    const embeddings = { class_name: 'RandomNormal', config: { mean: 0, stddev: width ** -0.5, seed: null } };
    const config = { input_dim: rows, output_dim: width, embeddings_initializer: embeddings, mask_zero: false };
    return graph.call({ className: 'Embedding', name: layer, config, inputs: [input], shape: [length, width] });
  };
  const words = lookup(tokens, `${name}_token_embedding`, vocabulary);
  const scaled = rescale(graph, words, `${name}_embedding_scale`, Math.sqrt(width));
  const places = lookup(position, `${name}_position_embedding`, length);
  return graph.call({ className: 'Add', name: `${name}_embedding`, inputs: [scaled, places], shape: [length, width] });
}
