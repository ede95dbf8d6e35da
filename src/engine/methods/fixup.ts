/**
 * Fixup: residual networks without normalisation that initially equal their shortcuts, with updates of the same size at any depth.
 *
 *   1. the last layer of every residual branch and the classifier are zero
 *   2. all other layers are He (N(0, 2 / fanOut)); those inside a branch of m layers are multiplied by L^(-1 / (2 m - 2)), L branches in all
 *   3. a trained multiplier (1) in every branch, a trained shift (0) before each weighted layer and each element-wise activation
 *
 * Branches are found in any graph (../../topology/structure/residual-branches.ts: every Add of two inputs of which one is a shortcut). Rule 3 changes
 * the network: `mode: "patched"` returns the patched topology (../../topology/structure/fixup-scalars.ts; each scalar is a stock Dense layer of one
 * unit and no bias whose input is a constant one, so that tfjs and Keras load it); `mode: "weights-only"` applies rules 1 and 2 only, and its result
 * is labelled so. Normalisation inside branches: "zero-gamma" keeps it, zeroes the gain of the last normalisation of each branch (or the last layer,
 * where that comes after it) and adds no scalars; the result is labelled with that variant, it is not Fixup. "remove" takes every normalisation out
 * of the patched topology first. Convolutions keep the biases that they have (zero), which the authors' networks lack; `kernels: "xavier"` is what
 * the authors take for transformers. At the start only the classifier has a gradient: what divides by gradient norms must expect zeros.
 *
 * Zhang, Dauphin, Ma: Fixup Initialization: Residual Learning Without Normalization. ICLR 2019, arXiv:1901.09321; placing of the scalars as in the
 * authors' code. Zero-gamma: Goyal et al., Accurate, Large Minibatch SGD, 2017, arXiv:1706.02677, section 5.1.
 */
import { type Static, Type } from 'typebox';
import { type FixupTopology, withFixupScalars } from '../../topology/structure/fixup-scalars.ts';
import { canHaveScalars } from '../../topology/structure/trained-scalars.ts';
import type { Topology } from '../../topology/topology.ts';
import type { MethodResult, Problem, RunControl } from '../run.ts';
import { type FixupPlan, isRefused, planFixup } from './fixup-plan.ts';
import { type Applicability, defineMethod } from './method.ts';
import { drawBy, filled, kernelBases, redrawKernels, weightsOf, zeroGains } from './redraw.ts';

const options = Type.Object(
  {
    mode: Type.Union([Type.Literal('patched'), Type.Literal('weights-only')], {
      default: 'patched',
      description: 'Add the scalar shifts and multipliers to the network, or leave the network as it is.',
    }),
    normalization: Type.Union([Type.Literal('zero-gamma'), Type.Literal('remove')], {
      default: 'zero-gamma',
      description:
        'Normalisation inside branches: zero its last gain and add no scalars, or take it out of the patched network.',
    }),
    kernels: Type.Union([Type.Literal('he'), Type.Literal('xavier')], {
      default: 'he',
      description: 'He normal by fan-out, or Xavier uniform, before the branches are scaled.',
    }),
  },
  { additionalProperties: false },
);

type Options = Static<typeof options>;

function applicability(topology: Topology, { mode, normalization }: Options): Applicability {
  if (mode === 'weights-only' && normalization === 'remove') {
    return {
      applicable: false,
      reason: 'normalization: "remove" changes the network, which mode: "weights-only" forbids',
    };
  }
  const plan = planFixup(topology, normalization === 'remove');
  if (isRefused(plan)) return { applicable: false, reason: plan.reason };
  if (plan.variant === 'fixup' && mode === 'patched' && !canHaveScalars(topology)) {
    const reason =
      'the extents of its inputs are not known, so that no constant for the scalars can be made; give mode: "weights-only"';
    return { applicable: false, reason };
  }
  return plan.note === undefined ? { applicable: true } : { applicable: true, note: plan.note };
}

/** Draws the weights by rules 1 and 2. */
async function drawWeights(
  problem: Problem,
  plan: FixupPlan,
  { kernels }: Options,
  control: RunControl,
): Promise<MethodResult> {
  const result = await redrawKernels(
    { ...problem, topology: plan.topology },
    (param) => {
      if (plan.zeroed.has(param.name)) return filled(param.shape, 0);
      const drawn = drawBy(param, kernelBases[kernels], problem.seed);
      const factor = plan.factors.get(param.name) ?? 1;
      return { ...drawn, data: drawn.data.map((value) => value * factor) };
    },
    control,
  );
  return { ...result, weights: zeroGains(plan.topology, result.weights, plan.zeroed) };
}

function describe(plan: FixupPlan, patch: FixupTopology | null): Record<string, unknown> {
  const sizes = new Map<number, number>();
  for (const { branch } of plan.branches) sizes.set(branch.depth, (sizes.get(branch.depth) ?? 0) + 1);
  const factorOf = (depth: number) => (depth > 1 ? plan.branches.length ** (-1 / (2 * depth - 2)) : null);
  return {
    variant: plan.variant,
    mode: patch ? 'patched' : 'weights-only',
    ...(plan.note === undefined ? {} : { note: plan.note }),
    branches: plan.branches.length,
    layersPerBranch: [...sizes].map(([layers, branches]) => ({
      layers,
      branches,
      factor: plan.variant === 'fixup' ? factorOf(layers) : null,
    })),
    zeroed: [...plan.zeroed],
    classifier: plan.classifier,
    removedNormalization: plan.removed,
    otherSums: plan.others,
    scalars: patch && { shifts: patch.shifts, multipliers: patch.factors, unshiftedActivations: patch.unshifted },
  };
}

export const fixup = defineMethod({
  name: 'fixup',
  summary:
    'Residual branches start at zero and are scaled by depth; returns the network with scalar shifts and multipliers, or weights only.',
  reference:
    'Zhang, Dauphin and Ma, Fixup Initialization: Residual Learning Without Normalization, ICLR 2019, arXiv:1901.09321',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'inserts',
  secondOrder: false,
  applicability,
  async run(problem, given, control) {
    const plan = planFixup(problem.topology, given.normalization === 'remove');
    if (isRefused(plan)) throw plan.error();
    const { weights } = await drawWeights(problem, plan, given, control);
    if (given.mode === 'weights-only' || plan.variant !== 'fixup') return { weights, findings: describe(plan, null) };
    const patch = withFixupScalars(plan.topology, plan.branches, 'fixup');
    return {
      weights: weightsOf(patch.topology, weights, problem.seed),
      patchedTopology: patch.topology,
      findings: describe(plan, patch),
    };
  },
});
