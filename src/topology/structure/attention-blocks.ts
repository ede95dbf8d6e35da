/**
 * Finds the stacks of a transformer in any graph: chains of residual sums whose branches are attention or feed-forward blocks.
 *
 *   attention   a MultiHeadAttention or Attention layer, or per head Dot(softmax(... Dot(q, k)), v) out of stock layers
 *   decoder     a stack with a branch whose values come from outside it (cross-attention); every other stack is an encoder
 *   layers      attentions of an encoder, cross-attentions of a decoder
 */

import { type Layer, layerAt, type Node, type Param, type Topology } from '../topology.ts';
import { activationOf, outputKernels } from './output-kernel.ts';
import { findResidualBranches, type ResidualBranch } from './residual-branches.ts';

/** The kernels of one residual branch, by their role. */
export interface TransformerBlock {
  readonly kind: 'self-attention' | 'cross-attention' | 'feed-forward';
  /** Node id of the residual sum. */
  readonly sum: number;
  /** Projections of queries and keys. */
  readonly scores: readonly Param[];
  readonly values: readonly Param[];
  /** Projections of values and outputs, or all layers of a feed-forward block. */
  readonly others: readonly Param[];
  /** Number of attention heads with separate projection layers; 1 where one kernel serves all heads. */
  readonly heads: number;
}

export interface TransformerStack {
  readonly kind: 'encoder' | 'decoder';
  /** Number of layers, N. */
  readonly layers: number;
  /** Node id of the input of the first branch. */
  readonly root: number;
  readonly blocks: readonly TransformerBlock[];
}

/** The nearest nodes with weights from which `id` is computed (or `id` itself), inside `scope`. */
function weightedBehind(topology: Topology, id: number, scope: ReadonlySet<number>): number[] {
  const open = [id];
  const seen = new Set(open);
  const found: number[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!scope.has(next)) continue;
    if (outputKernels(layerAt(topology, next)).length > 0) {
      found.push(next);
      continue;
    }
    for (const input of (topology.nodes[next] as Node).inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  return found;
}

const isSoftmax = (layer: Layer) => activationOf(layer) === 'softmax' && outputKernels(layer).length === 0;

/** The softmax from which `id` is computed, with no product or weighted layer in between. */
function softmaxBehind(topology: Topology, id: number, scope: ReadonlySet<number>): number | undefined {
  let at: number | undefined = id;
  while (at !== undefined && scope.has(at)) {
    const layer = layerAt(topology, at);
    if (isSoftmax(layer)) return at;
    const { inputs }: Node = topology.nodes[at] as Node;
    at = inputs.length === 1 && outputKernels(layer).length === 0 ? inputs[0] : undefined;
  }
  return undefined;
}

/** One attention head or layer: the nodes of its scores and its values. */
interface Core {
  readonly scores: readonly number[];
  readonly values: readonly number[];
}

function coreAt(topology: Topology, id: number, scope: ReadonlySet<number>): Core | undefined {
  const { inputs } = topology.nodes[id] as Node;
  const { className } = layerAt(topology, id);
  if (className === 'Attention') {
    const [query, value, key = value] = inputs as [number, number, number?];
    return { scores: [query, key as number], values: [value] };
  }
  if (className !== 'Dot') return undefined;
  for (const [weights, values] of [inputs, [...inputs].reverse()] as [number, number][]) {
    const softmax = softmaxBehind(topology, weights, scope);
    if (softmax !== undefined) return { scores: [softmax], values: [values] };
  }
  return undefined;
}

/** The nodes of a branch that are computed from the start of the branch. */
function computedFromStart(topology: Topology, { start, branch }: ResidualBranch): Set<number> {
  const reached = new Set([start]);
  for (const id of branch.nodes)
    if ((topology.nodes[id] as Node).inputs.some((input) => reached.has(input))) reached.add(id);
  return reached;
}

const kernelsOf = (topology: Topology, ids: readonly number[]): Param[] => [
  ...new Set(ids.flatMap((id) => outputKernels(layerAt(topology, id)))),
];

type Parts = Omit<TransformerBlock, 'sum'>;

/** The kernels of a MultiHeadAttention layer, which contains all projections. */
function blockOfLayer(topology: Topology, id: number, own: ReadonlySet<number>): Parts {
  const { params } = layerAt(topology, id);
  const [query, value] = (topology.nodes[id] as Node).inputs as [number, number];
  const keyed = (...names: string[]) => params.filter(({ key, group }) => group !== 'none' && names.includes(key));
  return {
    kind: own.has(query) && !own.has(value) ? 'cross-attention' : 'self-attention',
    scores: keyed('query/kernel', 'key/kernel'),
    values: keyed('value/kernel'),
    others: keyed('attention_output/kernel'),
    heads: 1,
  };
}

function blockOf(topology: Topology, branch: ResidualBranch): Parts {
  const { nodes, end } = branch.branch;
  const scope = new Set(nodes);
  const own = computedFromStart(topology, branch);
  const whole = nodes.find((id) => layerAt(topology, id).className === 'MultiHeadAttention');
  if (whole !== undefined) return blockOfLayer(topology, whole, own);
  const cores = nodes.flatMap((id) => coreAt(topology, id, scope) ?? []);
  const behind = (ids: readonly number[]) => ids.flatMap((id) => weightedBehind(topology, id, scope));
  const values = behind(cores.flatMap((core) => core.values));
  const scores = behind(cores.flatMap((core) => core.scores));
  const weighted = cores.length > 0 ? weightedBehind(topology, end, scope) : nodes;
  const others = kernelsOf(
    topology,
    weighted.filter((id) => !values.includes(id) && !scores.includes(id)),
  );
  if (cores.length === 0) return { kind: 'feed-forward', scores: [], values: [], others, heads: 1 };
  // In a layer without projections, the values are its inputs.
  const sources = values.length > 0 ? values : cores.flatMap((core) => core.values);
  const kind = sources.some((id) => own.has(id)) ? 'self-attention' : 'cross-attention';
  return {
    kind,
    scores: kernelsOf(topology, scores),
    values: kernelsOf(topology, values),
    others,
    heads: cores.length,
  };
}

/** The residual sum from which `id` is computed through layers with one input, or `id` itself. */
function sumBehind({ nodes }: Topology, id: number, sums: ReadonlyMap<number, number>): number | undefined {
  let at: number | undefined = id;
  while (at !== undefined) {
    if (sums.has(at)) return sums.get(at);
    const { inputs }: Node = nodes[at] as Node;
    at = inputs.length === 1 ? inputs[0] : undefined;
  }
  return undefined;
}

/**
 * Every stack with at least one attention. Layer normalisation may be anywhere; `withoutLayerNorm` removes it where it would separate a sum from the
 * next branch.
 */
export function findTransformerStacks(topology: Topology): TransformerStack[] {
  const stacks: { root: number; blocks: TransformerBlock[] }[] = [];
  const stackOfSum = new Map<number, number>();
  for (const branch of findResidualBranches(topology).branches) {
    const stack = sumBehind(topology, branch.start, stackOfSum) ?? stacks.push({ root: branch.start, blocks: [] }) - 1;
    stackOfSum.set(branch.sum, stack);
    stacks[stack]?.blocks.push({ ...blockOf(topology, branch), sum: branch.sum });
  }
  return stacks.flatMap(({ root, blocks }): TransformerStack[] => {
    const count = (kind: TransformerBlock['kind']) => blocks.filter((block) => block.kind === kind).length;
    const crosses = count('cross-attention');
    const layers = crosses > 0 ? crosses : count('self-attention');
    return layers > 0 ? [{ kind: crosses > 0 ? 'decoder' : 'encoder', layers, root, blocks }] : [];
  });
}
