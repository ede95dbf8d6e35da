/**
 * T-Fixup: transformers that train without layer normalisation and without warm-up.
 *
 *   1. layer normalisation is taken out (patched topology)
 *   2. Xavier uniform for every kernel, U(-b, b), b = gain sqrt(6 / (fanIn + fanOut)); gain 1, 1 / sqrt(2) for queries and keys; biases 0
 *   3. embeddings N(0, 1 / d), times (9 N)^(-1/4), N layers of the stack that reads them
 *   4. encoder: values, output projections and both feed-forward layers times 0.67 N^(-1/4)
 *   5. decoder: the same kernels, of self- and cross-attention, times (9 N)^(-1/4)
 *
 * Stacks are found in any graph (../../topology/structure/attention-blocks.ts). Where every head has separate projections, fans are those of the
 * joint matrix. The gain of queries and keys is that of the authors' framework; there the factor sqrt(2) on values cancels it, so that values are
 * plain Xavier times the factor. Learned position embeddings are scaled like token embeddings. An encoder without a decoder uses rules 2 to 4, which
 * the paper does not cover. Differs from the authors' networks: output projections are not tied to embeddings but Xavier.
 * `mode: "weights-only"` keeps the normalisation, for which the scales were not derived; its result is labelled so.
 *
 * Huang, Perez, Ba, Volkovs: Improving Transformer Optimization Through Better Initialization. ICML 2020; factors as in the authors' code.
 */
import { type Static, Type } from 'typebox';
import { fansOf } from '../../topology/draw-initial.ts';
import type { Initializer } from '../../topology/initializers.ts';
import { findTransformerStacks, type TransformerStack } from '../../topology/structure/attention-blocks.ts';
import { attentionAxes } from '../../topology/structure/kernel-matrix.ts';
import { isLayerNorm, withoutLayerNorm } from '../../topology/structure/layer-norm.ts';
import type { Layer, Node, Param, Topology } from '../../topology/topology.ts';
import { defineMethod } from './method.ts';
import { drawBy, redrawKernels } from './redraw.ts';
import { needsAttention } from './requirements.ts';

const options = Type.Object(
  {
    mode: Type.Union([Type.Literal('patched'), Type.Literal('weights-only')], {
      default: 'patched',
      description: 'Take layer normalisation out of the network, or leave the network as it is.',
    }),
  },
  { additionalProperties: false },
);

type Options = Static<typeof options>;

const embeddingFactor = (layers: number) => (9 * layers) ** -0.25;
const factorOf = ({ kind, layers }: TransformerStack) =>
  kind === 'encoder' ? 0.67 * layers ** -0.25 : (9 * layers) ** -0.25;

/** Factor of the bound in Xavier's formula, and the number of kernels of this shape that form one matrix. */
interface Scaling {
  readonly gain: number;
  readonly heads: number;
}

function kernelScalings(stacks: readonly TransformerStack[]): Map<string, Scaling> {
  const scalings = new Map<string, Scaling>();
  for (const stack of stacks) {
    const factor = factorOf(stack);
    for (const { scores, values, others, heads } of stack.blocks) {
      for (const { name } of scores) scalings.set(name, { gain: Math.SQRT1_2, heads });
      for (const { name } of values) scalings.set(name, { gain: factor, heads });
      for (const { name } of others) scalings.set(name, { gain: factor, heads: 1 });
    }
  }
  return scalings;
}

function xavierUniform(param: Param, { gain, heads }: Scaling): Initializer {
  const { fanIn, fanOut } = fansOf(param.shape, attentionAxes(param));
  const bound = gain * Math.sqrt(6 / (fanIn + heads * fanOut));
  return { kind: 'uniform', min: -bound, max: bound };
}

/** Standard deviation of each embedding table that a stack reads; a table that several stacks read belongs to the first. */
function embeddingDeviations(
  topology: Topology,
  stacks: readonly TransformerStack[],
): Map<string, { param: Param; stddev: number }> {
  const deviations = new Map<string, { param: Param; stddev: number }>();
  const encodersFirst = [...stacks].sort((a, b) => Number(a.kind === 'decoder') - Number(b.kind === 'decoder'));
  for (const { root, layers } of encodersFirst) {
    const before = new Set([root]);
    for (let id = root; id >= 0; id--) {
      if (!before.has(id)) continue;
      const node = topology.nodes[id] as Node;
      for (const input of node.inputs) before.add(input);
      const layer = topology.layers[node.layer] as Layer;
      const table = layer.className === 'Embedding' ? layer.params.find(({ group }) => group !== 'none') : undefined;
      const width = table?.shape.at(-1);
      if (table && width && !deviations.has(table.name)) {
        deviations.set(table.name, { param: table, stddev: width ** -0.5 * embeddingFactor(layers) });
      }
    }
  }
  return deviations;
}

function labelOf({ mode }: Options, removed: readonly string[]): Record<string, unknown> {
  if (removed.length === 0) return { mode: 'unchanged', removedNormalization: [] };
  if (mode === 'patched') return { mode, removedNormalization: removed };
  const note = 'layer normalisation stays in the network: the scales of T-Fixup are meant for networks without it';
  return { mode, removedNormalization: [], note };
}

export const tFixup = defineMethod({
  name: 't-fixup',
  summary:
    'Transformers without layer normalisation: Xavier uniform, values, projections and embeddings scaled by depth.',
  reference: 'Huang et al., Improving Transformer Optimization Through Better Initialization, ICML 2020',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'finds',
  secondOrder: false,
  applicability: (topology) => needsAttention(findTransformerStacks(withoutLayerNorm(topology))),
  async run(problem, given, control) {
    const { seed } = problem;
    const stripped = withoutLayerNorm(problem.topology);
    const stacks = findTransformerStacks(stripped);
    const scalings = kernelScalings(stacks);
    const plain = { gain: 1, heads: 1 };
    const isPatched = given.mode === 'patched' && stripped !== problem.topology;
    const topology = isPatched ? stripped : problem.topology;
    const drawn = await redrawKernels(
      problem,
      (param) => drawBy(param, xavierUniform(param, scalings.get(param.name) ?? plain), seed),
      control,
    );
    const embeddings = embeddingDeviations(stripped, stacks);
    const tables = [...embeddings.values()].map(({ param, stddev }) => {
      return [param.name, drawBy(param, { kind: 'normal', mean: 0, stddev, truncated: false }, seed)] as const;
    });
    const all = new Map([...drawn.weights, ...tables]);
    const kept = new Set(topology.layers.flatMap(({ params }) => params.map(({ name }) => name)));
    return {
      weights: new Map([...all].filter(([name]) => kept.has(name))),
      ...(isPatched ? { patchedTopology: topology } : {}),
      findings: {
        ...labelOf(
          given,
          problem.topology.layers.filter(isLayerNorm).map(({ name }) => name),
        ),
        stacks: stacks.map((stack) => ({ kind: stack.kind, layers: stack.layers, factor: factorOf(stack) })),
        embeddings: Object.fromEntries([...embeddings].map(([name, { stddev }]) => [name, stddev])),
      },
    };
  },
});
