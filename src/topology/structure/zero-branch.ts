/**
 * Chooses the parameters to set to zero so that a residual branch contributes nothing at the start, but can still learn.
 *
 * The search goes back from the end of the branch. The first kernel or gain of a normalisation is zeroed; of a product one factor suffices;
 * an activation may follow when f(0) = 0 and f'(0) is not 0 (a rectifier has no gradient at 0, so that the branch would never train).
 */
import type { ActivationName } from '../activations.ts';
import type { Layer, Node, Param, Topology } from '../topology.ts';
import { activationOf, outputKernels } from './output-kernel.ts';
import type { Path } from './residual-branches.ts';

/** The parameters to set to zero: kernels, or gains where a normalisation comes after the last kernel. */
export type BranchZero =
  | { readonly kernels: readonly Param[]; readonly gains: readonly Param[] }
  | { readonly impossible: string };

type Zero = { readonly params: ReadonlySet<Param> } | { readonly impossible: string };

const alive: ReadonlySet<string> = new Set<ActivationName>([
  'linear',
  'leaky_relu',
  'elu',
  'selu',
  'celu',
  'gelu',
  'gelu_new',
  'softsign',
  'tanh',
  'hard_tanh',
  'swish',
  'hard_swish',
  'mish',
]);

const normalizations: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'LayerNormalization',
  'GroupNormalization',
  'RMSNormalization',
  'UnitNormalization',
]);

/** Layers that cannot follow in a branch that starts at zero, because their output would not be zero or their gradient would be. */
const neverZero: ReadonlySet<string> = new Set(['Embedding', 'ReLU', 'ThresholdedReLU', 'Softmax', 'Normalization']);

export const isNormalization = ({ className }: Pick<Layer, 'className'>): boolean => normalizations.has(className);

/** The trained gain of a normalisation. */
export function gainOf({ params }: Layer): Param | undefined {
  return params.find(({ key, group }) => group === 'weight' && /^(gamma|scale)$/.test(key));
}

function obstacle(layer: Layer): string | undefined {
  const activation = activationOf(layer);
  if (!alive.has(activation))
    return `the activation ${activation} of layer "${layer.name}" stands between its last layer and the sum`;
  if (neverZero.has(layer.className))
    return `layer "${layer.name}" (${layer.className}) stands between its last layer and the sum`;
  const { offset } = layer.className === 'Rescaling' ? (layer.config as { offset: number }) : { offset: 0 };
  return offset === 0 ? undefined : `layer "${layer.name}" adds ${offset} after its last layer`;
}

/** The parameters of a layer to set to zero; undefined when its output is zero for zero inputs, so that its inputs are examined. */
function ownZero(layer: Layer): Zero | undefined {
  const blocked = obstacle(layer);
  if (blocked) return { impossible: blocked };
  if (isNormalization(layer)) {
    const gain = gainOf(layer);
    return gain ? { params: new Set([gain]) } : { impossible: `the normalisation "${layer.name}" has no trained gain` };
  }
  const kernels = outputKernels(layer);
  if (kernels.length > 0) return { params: new Set(kernels) };
  return layer.params.some(({ key }) => key.endsWith('kernel'))
    ? { impossible: `layer "${layer.name}" is frozen` }
    : undefined;
}

const union = (all: readonly Zero[]): Zero => {
  const params = new Set<Param>();
  for (const zero of all) {
    if ('impossible' in zero) return zero;
    for (const param of zero.params) params.add(param);
  }
  return { params };
};

/** For attention, the values: queries and keys, which also form a product, keep their kernels. */
function factor({ className }: Layer, inputs: readonly Zero[]): Zero {
  const preferred = className === 'Attention' ? [inputs[1], ...inputs] : [...inputs].reverse();
  const found = preferred.find((zero) => zero !== undefined && !('impossible' in zero));
  return found ?? (inputs[0] as Zero);
}

/** The parameters of `topology` that must be zero so that the end of `path` is zero. */
export function zeroOfBranch(topology: Topology, { nodes, end }: Path): BranchZero {
  const zeros = new Map<number, Zero>();
  const unweighted: Zero = { impossible: 'a way through it passes no weighted layer' };
  for (const id of nodes) {
    const { layer: position, inputs } = topology.nodes[id] as Node;
    const layer = topology.layers[position] as Layer;
    const below = inputs.map((input) => zeros.get(input) ?? unweighted);
    const join = /^(Dot|Attention|Multiply)$/.test(layer.className) ? factor(layer, below) : union(below);
    zeros.set(id, ownZero(layer) ?? join);
  }
  const zero = zeros.get(end) ?? unweighted;
  if ('impossible' in zero) return zero;
  const isGain = (param: Param) => !param.key.endsWith('kernel');
  const params = [...zero.params];
  return { kernels: params.filter((param) => !isGain(param)), gains: params.filter(isGain) };
}
