/**
 * The initialisation of GPT-2: one small standard deviation for all kernels, reduced in the last layer of every residual branch by the number of
 * branches.
 *
 *   kernels, embeddings N(0, std^2);   last kernels of residual branches N(0, std^2 / R),  R residual sums (2 N for N blocks);   biases 0;
 *   normalisations gain 1, offset 0;   std 0.02
 *
 * The sum of R independent branches of equal variance has R times that variance; the factor keeps it at that of one branch.
 * Branches are found in the graph (../../topology/structure/residual-branches.ts); the network must have attention in one of them.
 *
 * Radford et al.: Language Models are Unsupervised Multitask Learners. 2019, section 2.3; std as in the released code.
 */
import { Type } from 'typebox';
import { findTransformerStacks } from '../../topology/structure/attention-blocks.ts';
import { withoutLayerNorm } from '../../topology/structure/layer-norm.ts';
import { outputKernels } from '../../topology/structure/output-kernel.ts';
import { findResidualBranches } from '../../topology/structure/residual-branches.ts';
import { zeroOfBranch } from '../../topology/structure/zero-branch.ts';
import { type Layer, layerAt, type Param, type Topology } from '../../topology/topology.ts';
import { defineMethod } from './method.ts';
import { redrawParams } from './redraw.ts';
import { needsAttention } from './requirements.ts';
import { drawSmallNormal } from './small-normal.ts';

const options = Type.Object(
  {
    stddev: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.2,
      default: 0.02,
      description: 'Of all other kernels and of embeddings.',
    }),
  },
  { additionalProperties: false },
);

/** The last kernels of the residual branches, and the number of branches. */
function residualOutputs(topology: Topology): { names: ReadonlySet<string>; branches: number } {
  const plain = withoutLayerNorm(topology);
  const { branches } = findResidualBranches(plain);
  const names = branches.flatMap(({ branch }) => {
    const zero = zeroOfBranch(plain, branch);
    if (!('impossible' in zero)) return zero.kernels;
    // Where an activation follows the last kernel, the kernel is still the last weighted layer of the branch.
    const last = branch.nodes.findLast((id) => outputKernels(layerAt(plain, id)).length > 0);
    return last === undefined ? [] : outputKernels(layerAt(plain, last));
  });
  return { names: new Set(names.map(({ name }) => name)), branches: branches.length };
}

export const gpt2 = defineMethod({
  name: 'gpt2',
  summary:
    'Normal of deviation 0.02; the last kernel of every residual branch divided by the root of the number of branches.',
  reference: 'Radford et al., Language Models are Unsupervised Multitask Learners, 2019',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'finds',
  secondOrder: false,
  applicability: (topology) => needsAttention(findTransformerStacks(withoutLayerNorm(topology))),
  async run(problem, { stddev }, control) {
    const { names, branches } = residualOutputs(problem.topology);
    const draw = (param: Param, layer: Layer) =>
      drawSmallNormal(param, layer, names.has(param.name) ? stddev / Math.sqrt(branches) : stddev, problem.seed);
    const result = await redrawParams(problem, draw, control);
    return {
      ...result,
      findings: {
        residualBranches: branches,
        residualStddev: stddev / Math.sqrt(branches),
        residualKernels: [...names],
      },
    };
  },
});
