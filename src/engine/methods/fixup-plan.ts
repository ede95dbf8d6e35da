/** Plans Fixup for a network: the parameters that become zero, the factors of scaled ones, and the variant that results. */
import { AppError } from '../../errors.ts';
import { outputKernels, unwrapped } from '../../topology/structure/output-kernel.ts';
import { findResidualBranches, type ResidualBranch } from '../../topology/structure/residual-branches.ts';
import { withoutLayers } from '../../topology/structure/rewire.ts';
import { isNormalization, zeroOfBranch } from '../../topology/structure/zero-branch.ts';
import { type Layer, layerAt, type Node, type Param, type Topology } from '../../topology/topology.ts';

export interface FixupPlan {
  /** The problem's topology, with or without normalisation. */
  readonly topology: Topology;
  /** 'zero-gamma' and 'zero-last-layer': normalisation stays inside branches, so that the result is not Fixup. */
  readonly variant: 'fixup' | 'zero-gamma' | 'zero-last-layer';
  readonly branches: readonly ResidualBranch[];
  /** Names of the parameters that become zero. */
  readonly zeroed: ReadonlySet<string>;
  /** Factors of scaled kernels, by name. */
  readonly factors: ReadonlyMap<string, number>;
  /** The output layer, which also becomes zero; null where the output is not computed by a single weighted layer. */
  readonly classifier: string | null;
  readonly removed: readonly string[];
  /** Sums that are left unchanged, with the reason. */
  readonly others: readonly { readonly layer: string; readonly reason: string }[];
  readonly note?: string;
}

export interface RefusedPlan {
  readonly reason: string;
  error(): AppError;
}

export const isRefused = (plan: FixupPlan | RefusedPlan): plan is RefusedPlan => 'reason' in plan;

function refused(reason: string): RefusedPlan {
  return { reason, error: () => new AppError('METHOD_NOT_APPLICABLE', `fixup does not apply: ${reason}`) };
}

/** The last weighted layer before the output, where a single layer leads to it. */
export function findClassifier(topology: Topology): Layer | null {
  let [id] = topology.outputs;
  while (id !== undefined && topology.outputs.length === 1) {
    const layer = layerAt(topology, id);
    if (outputKernels(layer).length > 0) return layer;
    const { inputs }: Node = topology.nodes[id] as Node;
    if (inputs.length !== 1) return null;
    [id] = inputs;
  }
  return null;
}

/** The kernels that count in the depth of a branch and are scaled; recurrent kernels are excluded. */
function scaledKernels(layer: Layer): Param[] {
  const { className } = unwrapped(layer);
  const whole = className === 'MultiHeadAttention' || className.startsWith('Separable');
  return whole
    ? layer.params.filter(({ key, group }) => group !== 'none' && key.endsWith('kernel'))
    : outputKernels(layer);
}

/** L^(-1 / (2 m - 2)) for the kernels of every branch without normalisation; kernels of nested branches have the factor of the inner branch. */
function scaleFactors(topology: Topology, branches: readonly ResidualBranch[]): Map<string, number> {
  const factors = new Map<string, number>();
  const outerFirst = [...branches].sort((a, b) => b.branch.nodes.length - a.branch.nodes.length);
  for (const { branch } of outerFirst) {
    if (branch.nodes.some((id) => isNormalization(layerAt(topology, id)))) continue;
    const factor = branch.depth > 1 ? branches.length ** (-1 / (2 * branch.depth - 2)) : 1;
    for (const id of branch.nodes)
      for (const { name } of scaledKernels(layerAt(topology, id))) factors.set(name, factor);
  }
  return factors;
}

/** The difference of the variant from Fixup, as a note before the run. */
function noteOf(variant: FixupPlan['variant'], keepsNormalization: boolean): string | undefined {
  const zeroed = { 'zero-gamma': 'the gain of the last one', 'zero-last-layer': 'the last layer' };
  if (variant !== 'fixup') {
    return `normalisation stays inside the branches: ${zeroed[variant]} of each branch is zeroed and no scalars are added (${variant}, not Fixup)`;
  }
  return keepsNormalization
    ? 'normalisation outside the branches stays; normalization: "remove" takes it out'
    : undefined;
}

/** The plan, or the reason why there is none. */
export function planFixup(original: Topology, removeNormalization: boolean): FixupPlan | RefusedPlan {
  const removed = removeNormalization ? original.layers.filter(isNormalization).map(({ name }) => name) : [];
  const topology = removeNormalization ? withoutLayers(original, isNormalization) : original;
  const found = findResidualBranches(topology);
  const others = [...found.others];
  const branches: ResidualBranch[] = [];
  const zeroed = new Set<string>();
  let gains = 0;
  for (const branch of found.branches) {
    const zero = zeroOfBranch(topology, branch.branch);
    if ('impossible' in zero) {
      others.push({
        layer: layerAt(topology, branch.sum).name,
        reason: `its branch cannot start at zero: ${zero.impossible}`,
      });
      continue;
    }
    branches.push(branch);
    gains += zero.gains.length;
    for (const { name } of [...zero.kernels, ...zero.gains]) zeroed.add(name);
  }
  if (branches.length === 0) return refused(noResidualSum(others));
  const normalized = branches.some(({ branch }) => branch.nodes.some((id) => isNormalization(layerAt(topology, id))));
  const variant: FixupPlan['variant'] = gains > 0 ? 'zero-gamma' : normalized ? 'zero-last-layer' : 'fixup';
  const classifier = findClassifier(topology);
  for (const { name } of classifier ? outputKernels(classifier) : []) zeroed.add(name);
  const note = noteOf(variant, topology.layers.some(isNormalization));
  const plan = {
    topology,
    variant,
    branches,
    zeroed,
    factors: scaleFactors(topology, branches),
    classifier: classifier?.name ?? null,
    removed,
    others,
  };
  return note === undefined ? plan : { ...plan, note };
}

/** The reason why a network without residual branches is refused, with its first sum that is not residual. */
export function noResidualSum(others: FixupPlan['others']): string {
  const none = 'the topology has no residual sum (an Add of two inputs of which one is a shortcut)';
  const [first] = others;
  return first ? `${none}; "${first.layer}" is none: ${first.reason}` : none;
}
