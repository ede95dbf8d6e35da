/**
 * DeepNorm: transformers with normalisation after the sum (post-LN) that train at a thousand layers.
 *
 *   LN(x + F(x))  becomes  LN(a x + F(x));   Xavier normal with gain b for values, output projections and feed-forward layers, gain 1 for queries, keys
 *   and everything else;   biases 0
 *     one stack of N layers        a = (2 N)^(1/4)                b = (8 N)^(-1/4)
 *     encoder (N) and decoder (M)  a = 0.81 (N^4 M)^(1/16)        b = 0.87 (N^4 M)^(-1/16)      in the encoder
 *                                  a = (3 M)^(1/4)                b = (12 M)^(-1/4)             in the decoder
 *
 * The method changes the network: the result has a patched topology with a stock Rescaling layer on every shortcut of a stack. Stacks are found in
 * any graph (../../topology/structure/attention-blocks.ts); a stack whose sums are not followed by a layer normalisation is refused, because the
 * factors are derived for post-LN. Embeddings keep their values.
 *
 * Wang, Ma, Dong, Huang, Zhang, Wei: DeepNet: Scaling Transformers to 1,000 Layers. 2022, arXiv:2203.00555 (figure 2).
 */
import { Type } from 'typebox';
import { fansOf } from '../../topology/draw-initial.ts';
import { findTransformerStacks, type TransformerStack } from '../../topology/structure/attention-blocks.ts';
import { withShortcutFactors } from '../../topology/structure/branch-factors.ts';
import { attentionAxes } from '../../topology/structure/kernel-matrix.ts';
import { isLayerNorm } from '../../topology/structure/layer-norm.ts';
import { findResidualBranches } from '../../topology/structure/residual-branches.ts';
import { layerAt, type Param, type Topology } from '../../topology/topology.ts';
import { type Applicability, defineMethod } from './method.ts';
import { drawBy, redrawKernels, weightsOf } from './redraw.ts';
import { needsAttention } from './requirements.ts';

const options = Type.Object({}, { additionalProperties: false });

interface Factors {
  /** Factor a of the shortcuts. */
  readonly alpha: number;
  /** Gain b of the scaled kernels. */
  readonly beta: number;
}

/** The factors of one of the stacks of the network. */
function factorsOf(stack: TransformerStack, stacks: readonly TransformerStack[]): Factors {
  const { layers } = stack;
  const encoder = stacks.find(({ kind }) => kind === 'encoder');
  const decoder = stacks.find(({ kind }) => kind === 'decoder');
  if (!encoder || !decoder) return { alpha: (2 * layers) ** 0.25, beta: (8 * layers) ** -0.25 };
  if (stack.kind === 'decoder') return { alpha: (3 * layers) ** 0.25, beta: (12 * layers) ** -0.25 };
  const depth = layers ** 4 * decoder.layers;
  return { alpha: 0.81 * depth ** (1 / 16), beta: 0.87 * depth ** (-1 / 16) };
}

/** The name of a sum of a stack that no layer normalisation reads. */
function sumWithoutNorm(topology: Topology, stacks: readonly TransformerStack[]): string | undefined {
  for (const { blocks } of stacks) {
    for (const { sum } of blocks) {
      const readers = topology.nodes.filter(({ inputs }) => inputs.includes(sum));
      if (readers.length === 0 || !readers.every(({ id }) => isLayerNorm(layerAt(topology, id))))
        return layerAt(topology, sum).name;
    }
  }
  return undefined;
}

function applicability(topology: Topology): Applicability {
  const stacks = findTransformerStacks(topology);
  if (stacks.length === 0) return needsAttention(stacks);
  const sum = sumWithoutNorm(topology, stacks);
  return sum === undefined
    ? { applicable: true }
    : {
        applicable: false,
        reason: `its factors are for normalisation after the sum (post-LN), and the sum "${sum}" is not read by a layer normalisation alone`,
      };
}

/** Gains of the scaled kernels by name, and the number of kernels of this shape that form one matrix. */
function scaledKernels(stacks: readonly TransformerStack[]): Map<string, { gain: number; heads: number }> {
  const scaled = new Map<string, { gain: number; heads: number }>();
  for (const stack of stacks) {
    const { beta } = factorsOf(stack, stacks);
    for (const { scores, values, others, heads } of stack.blocks) {
      for (const { name } of scores) scaled.set(name, { gain: 1, heads });
      for (const { name } of values) scaled.set(name, { gain: beta, heads });
      for (const { name } of others) scaled.set(name, { gain: beta, heads: 1 });
    }
  }
  return scaled;
}

export const deepnorm = defineMethod({
  name: 'deepnorm',
  summary: 'Post-LN transformers with larger shortcuts and smaller branches by depth; returns the patched network.',
  reference: 'Wang et al., DeepNet: Scaling Transformers to 1,000 Layers, 2022, arXiv:2203.00555',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'inserts',
  secondOrder: false,
  applicability,
  async run(problem, _options, control) {
    const { topology, seed } = problem;
    const stacks = findTransformerStacks(topology);
    const scaled = scaledKernels(stacks);
    const draw = (param: Param) => {
      const { gain, heads } = scaled.get(param.name) ?? { gain: 1, heads: 1 };
      const { fanIn, fanOut } = fansOf(param.shape, attentionAxes(param));
      const stddev = gain * Math.sqrt(2 / (fanIn + heads * fanOut));
      return drawBy(param, { kind: 'normal', mean: 0, stddev, truncated: false }, seed);
    };
    const { weights } = await redrawKernels(problem, draw, control);
    const alphas = new Map(
      stacks.flatMap((stack) => stack.blocks.map(({ sum }) => [sum, factorsOf(stack, stacks).alpha] as const)),
    );
    const patchedTopology = withShortcutFactors(topology, findResidualBranches(topology).branches, alphas, 'deepnorm');
    return {
      weights: weightsOf(patchedTopology, weights, seed),
      patchedTopology,
      findings: {
        stacks: stacks.map((stack) => ({ kind: stack.kind, layers: stack.layers, ...factorsOf(stack, stacks) })),
      },
    };
  },
});
