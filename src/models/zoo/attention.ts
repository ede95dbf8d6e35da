/**
 * The blocks of a transformer as stock layers: attention computed head by head (tfjs's Dot supports one batch axis only), feed-forward, residual
 * sums.
 *
 *   head_h = softmax(q_h k_h^T / sqrt(d)) v_h,  attention = [head_1 .. head_H] W + b,  d = width / heads
 *
 * Keys have no bias: softmax is invariant to it, so that its gradient is only rounding noise, which a sign-based step would amplify.
 * Kernels are Xavier uniform for the joint [width, width] matrices, with fairseq's gain 1/sqrt(2) on queries, keys and values; biases 0.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, 2017.
 */
import { type Static, Type } from 'typebox';
import type { PlacedProblem } from '../../errors.ts';
import type { Graph, Handle } from './graph.ts';
import { ones, xavierUniform, zeros } from './initializers.ts';
import { concatenate, dense, extent, merge } from './layers.ts';
import { dot, rescale } from './sequence.ts';

/** Position of layer normalisation: after each residual sum, before each branch (and once at the end), or nowhere. */
export type Normalization = 'post' | 'pre' | 'none';

/** The options that both transformers share, with their defaults. */
export const blockOptions = (defaults: {
  width: number;
  heads: number;
  feedForward: number;
  normalization: Normalization;
}) => ({
  width: Type.Integer({
    description: 'Features of a token; a multiple of heads.',
    minimum: 1,
    maximum: 8192,
    default: defaults.width,
  }),
  heads: Type.Integer({ description: 'Attention heads.', minimum: 1, maximum: 64, default: defaults.heads }),
  feedForward: Type.Integer({
    description: 'Hidden units of the feed-forward blocks.',
    minimum: 1,
    maximum: 65_536,
    default: defaults.feedForward,
  }),
  normalization: Type.Enum(['post', 'pre', 'none'], {
    description: 'Layer normalisation after each residual sum, before each branch, or nowhere.',
    default: defaults.normalization,
  }),
});

/** The schema of an option that counts tokens, layers or words. */
export const count = (description: string, maximum: number, fallback: number) =>
  Type.Integer({ description, minimum: 1, maximum, default: fallback });

/** The options of a transformer's blocks. */
export type Blocks = Static<ReturnType<typeof Type.Object<ReturnType<typeof blockOptions>>>>;

/** Problems of options that are valid one by one: `width` must be a multiple of `heads`. */
export function checkHeads({ width, heads }: Blocks): PlacedProblem[] {
  return width % heads === 0
    ? []
    : [{ pointer: '/heads', message: `must divide width, got ${heads} for width ${width}` }];
}

export function layerNorm(graph: Graph, input: Handle, name: string): Handle {
  const config = {
    axis: [2],
    epsilon: 1e-5,
    center: true,
    scale: true,
    beta_initializer: zeros,
    gamma_initializer: ones,
  };
  return graph.call({ className: 'LayerNormalization', name, config, inputs: [input], shape: input.shape });
}

interface AttentionOptions {
  name: string;
  heads: number;
  /** The tensor from which keys and values are computed; for self-attention, the same as for the queries. [m, width] */
  memory: Handle;
  /** Upper bounds of the scores, [n, m]. */
  bound?: Handle | undefined;
}

/** `x` [n, width] -> [n, width]. */
export function attention(graph: Graph, x: Handle, { name, heads, memory, bound }: AttentionOptions): Handle {
  const width = extent(x, -1);
  const size = width / heads;
  const projection = xavierUniform(width, width, Math.SQRT1_2);
  const project = (input: Handle, layer: string, useBias = true) =>
    dense(graph, input, { name: layer, units: size, useBias, kernelInitializer: projection });

  const head = (index: number): Handle => {
    const id = `${name}_head${index}`;
    const query = rescale(graph, project(x, `${id}_query`), `${id}_query_scale`, size ** -0.5);
    const key = project(memory, `${id}_key`, false);
    const value = project(memory, `${id}_value`);
    const scores = dot(graph, [query, key], `${id}_scores`, [2, 2]);
    const allowed = bound ? merge(graph, [scores, bound], `${id}_causal`, 'Minimum') : scores;
    const weights = graph.call({
      className: 'Softmax',
      name: `${id}_softmax`,
      config: { axis: -1 },
      inputs: [allowed],
      shape: allowed.shape,
    });
    return dot(graph, [weights, value], `${id}_context`, [2, 1]);
  };
  const contexts = Array.from({ length: heads }, (_, index) => head(index + 1));
  const joined = contexts.length === 1 ? contexts[0] : undefined;
  const context = joined ?? concatenate(graph, contexts, `${name}_heads`);
  return dense(graph, context, {
    name: `${name}_output`,
    units: width,
    kernelInitializer: xavierUniform(width, width),
  });
}

/** relu(x W1 + b1) W2 + b2. */
export function feedForward(graph: Graph, x: Handle, name: string, units: number): Handle {
  const width = extent(x, -1);
  const kernelInitializer = xavierUniform(width, units);
  const hidden = dense(graph, x, { name: `${name}_inner`, units, activation: 'relu', kernelInitializer });
  return dense(graph, hidden, { name: `${name}_outer`, units: width, kernelInitializer });
}

/** LN(x + branch(x)) ('post'), x + branch(LN(x)) ('pre') or x + branch(x) ('none'). */
export function residual(
  graph: Graph,
  x: Handle,
  name: string,
  normalization: Normalization,
  branch: (input: Handle) => Handle,
): Handle {
  const input = normalization === 'pre' ? layerNorm(graph, x, `${name}_norm`) : x;
  const sum = merge(graph, [branch(input), x], `${name}_add`, 'Add');
  return normalization === 'post' ? layerNorm(graph, sum, `${name}_norm`) : sum;
}

/** `layers` encoder layers: self-attention and feed-forward, each a residual branch. `x` [n, width] -> [n, width]. */
export function encoder(graph: Graph, x: Handle, { layers, blocks }: { layers: number; blocks: Blocks }): Handle {
  let y = x;
  for (let layer = 1; layer <= layers; layer++) {
    const id = `encoder${layer}`;
    y = residual(graph, y, `${id}_attention`, blocks.normalization, (input) =>
      attention(graph, input, { name: `${id}_attention`, heads: blocks.heads, memory: input }),
    );
    y = residual(graph, y, `${id}_ffn`, blocks.normalization, (input) =>
      feedForward(graph, input, `${id}_ffn`, blocks.feedForward),
    );
  }
  return blocks.normalization === 'pre' ? layerNorm(graph, y, 'encoder_norm') : y;
}
