/**
 * ReZero and SkipInit: every residual branch has one trained factor that starts at zero, and no normalisation.
 *
 *   x + F(x)  becomes  x + s F(x),  s = 0 at first;   kernels He or Xavier;   biases 0
 *
 * Initially the network equals its shortcuts at any depth; in the first step only the factors have a gradient. Both papers remove the normalisation
 * (ReZero that of transformers, SkipInit batch normalisation); `normalization: "keep"` keeps it. The method changes the network: the result has the
 * patched topology, in which a factor is a stock Dense layer of one unit without bias whose input is a constant one, so that tfjs and Keras load it.
 * `initial` sets another initial value of the factors: in SkipInit's experiments 1 / sqrt(branches) was as good.
 *
 * Bachlechner, Majumder, Mao, Cottrell, McAuley: ReZero is All You Need: Fast Convergence at Large Depth. UAI 2021, arXiv:2003.04887.
 * De, Smith: Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks. NeurIPS 2020, arXiv:2002.10444.
 */
import { Type } from 'typebox';
import { withBranchFactors } from '../../topology/structure/branch-factors.ts';
import { findResidualBranches } from '../../topology/structure/residual-branches.ts';
import { withoutLayers } from '../../topology/structure/rewire.ts';
import { canHaveScalars } from '../../topology/structure/trained-scalars.ts';
import { isNormalization } from '../../topology/structure/zero-branch.ts';
import type { Topology } from '../../topology/topology.ts';
import { noResidualSum } from './fixup-plan.ts';
import { type Applicability, defineMethod } from './method.ts';
import { kernelBases, redrawBy, weightsOf } from './redraw.ts';

const options = Type.Object(
  {
    normalization: Type.Enum(['remove', 'keep'], {
      default: 'remove',
      description: 'Take every normalisation out of the patched network, or keep it.',
    }),
    kernels: Type.Enum(['he', 'xavier'], { default: 'he', description: 'He normal by fan-out, or Xavier uniform.' }),
    initial: Type.Number({ minimum: 0, maximum: 1, default: 0, description: 'Of the factors.' }),
  },
  { additionalProperties: false },
);

type Normalization = 'remove' | 'keep';

const prepared = (topology: Topology, normalization: Normalization): Topology =>
  normalization === 'remove' ? withoutLayers(topology, isNormalization) : topology;

function applicability(topology: Topology, { normalization }: { normalization: Normalization }): Applicability {
  const { branches, others } = findResidualBranches(prepared(topology, normalization));
  if (branches.length === 0) return { applicable: false, reason: noResidualSum(others) };
  if (!canHaveScalars(topology))
    return {
      applicable: false,
      reason: 'the extents of its inputs are not known, so that no constant for the factors can be made',
    };
  return { applicable: true };
}

export const rezero = defineMethod({
  name: 'rezero',
  summary:
    'ReZero and SkipInit: a trained factor of zero on every residual branch, no normalisation; returns the patched network.',
  reference: 'Bachlechner et al., ReZero is All You Need: Fast Convergence at Large Depth, UAI 2021, arXiv:2003.04887',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'inserts',
  secondOrder: false,
  applicability,
  async run(problem, { normalization, kernels, initial }, control) {
    const stripped = prepared(problem.topology, normalization);
    const { branches, others } = findResidualBranches(stripped);
    const patchedTopology = withBranchFactors(stripped, branches, 'rezero', initial);
    const { weights } = await redrawBy({ ...problem, topology: stripped }, kernelBases[kernels], control);
    const removed = stripped === problem.topology ? [] : problem.topology.layers.filter(isNormalization);
    return {
      weights: weightsOf(patchedTopology, weights, problem.seed),
      patchedTopology,
      findings: {
        factors: branches.length,
        removedNormalization: removed.map(({ name }) => name),
        otherSums: others,
      },
    };
  },
});
