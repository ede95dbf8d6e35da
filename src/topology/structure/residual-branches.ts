/**
 * Finds the residual branches of any network: for every Add of two inputs, the nodes between their nearest common ancestor and the sum.
 *
 *   start   the last node on which both inputs of the sum depend (for an identity shortcut, one of the two inputs itself)
 *   m       largest number of weight factors on a path from start to an input: factors of products (Dot, attention) add up, all other joins take the
 *           maximum, so that an attention block has m = 4: queries, keys, values and the output projection
 *   branch  the input of larger m; the other one is the shortcut, with m = 0, or 1 for a projection
 *
 * Zhang, Dauphin, Ma, Fixup Initialization, ICLR 2019, arXiv:1901.09321, defines branches manually; this rule is the project's own.
 */

import { type Layer, layerAt, type Node, type Topology } from '../topology.ts';
import { outputKernels, unwrapped } from './output-kernel.ts';

/** One of the two paths from the common ancestor to a sum. */
export interface Path {
  /** Node id of the input of the sum. */
  readonly end: number;
  /** Node ids on the path, ascending, without the common ancestor; weighted layers that only this path reads (keys and values of a memory) are included. */
  readonly nodes: readonly number[];
  /** Largest number of weight factors along the path. */
  readonly depth: number;
}

export interface ResidualBranch {
  /** Node id of the sum. */
  readonly sum: number;
  /** Node id of the nearest common ancestor. */
  readonly start: number;
  readonly branch: Path;
  readonly shortcut: Path;
}

export interface ResidualGraph {
  /** Ordered by their sums. */
  readonly branches: readonly ResidualBranch[];
  /** Sums of weighted paths that are not residual sums, with the reason. */
  readonly others: readonly { readonly layer: string; readonly reason: string }[];
}

/** Layers whose output is a product of their inputs. */
const productClasses: ReadonlySet<string> = new Set(['Dot', 'Attention', 'MultiHeadAttention']);

/** Number of weight matrices that the input of a layer is multiplied by, in sequence or as factors of a product. */
export function weightFactors(layer: Layer): number {
  if (outputKernels(layer).length === 0) return 0;
  const { className } = unwrapped(layer);
  if (className === 'MultiHeadAttention') return 4;
  return className.startsWith('Separable') ? 2 : 1;
}

/** The last node on which both nodes depend (a node depends on itself); undefined when there is none. */
function nearestCommonAncestor({ nodes }: Topology, a: number, b: number): number | undefined {
  const marks = new Map([[a, 1]]);
  marks.set(b, (marks.get(b) ?? 0) | 2);
  // Readers have larger ids than the nodes they read, so that all marks of a node are set when it is visited.
  for (let id = Math.max(a, b); id >= 0; id--) {
    const mark = marks.get(id);
    if (mark === undefined) continue;
    if (mark === 3) return id;
    for (const input of (nodes[id] as Node).inputs) marks.set(input, (marks.get(input) ?? 0) | mark);
  }
  return undefined;
}

/** Ids of the nodes between `start` and `end`, ascending, `end` included. */
function between({ nodes }: Topology, start: number, end: number): number[] {
  const before = new Set(end === start ? [] : [end]);
  for (let id = end; id > start; id--) {
    if (before.has(id)) for (const input of (nodes[id] as Node).inputs) if (input > start) before.add(input);
  }
  const reached = new Set([start]);
  const path: number[] = [];
  for (const id of [...before].sort((a, b) => a - b)) {
    if (!(nodes[id] as Node).inputs.some((input) => reached.has(input))) continue;
    reached.add(id);
    path.push(id);
  }
  return path;
}

function readersOf({ nodes, outputs }: Topology): number[][] {
  const readers = nodes.map((): number[] => []);
  for (const { id, inputs } of nodes) for (const input of inputs) readers[input]?.push(id);
  // -1 marks an output of the model as read from outside.
  for (const output of outputs) readers[output]?.push(-1);
  return readers;
}

/** Adds the nodes that feed the path from elsewhere and are read by it alone, back to the first weighted layer. */
function withSides(topology: Topology, path: readonly number[], start: number, readers: readonly number[][]): number[] {
  const onPath = new Set(path);
  const inside = new Set(path);
  const open = [...path];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (!onPath.has(id) && weightFactors(layerAt(topology, id)) > 0) continue;
    for (const input of (topology.nodes[id] as Node).inputs) {
      const foreign = inside.has(input) || input === start || topology.inputs.includes(input);
      if (foreign || !(readers[input] ?? []).every((reader) => inside.has(reader))) continue;
      inside.add(input);
      open.push(input);
    }
  }
  return [...inside].sort((a, b) => a - b);
}

function depthOf(topology: Topology, nodes: readonly number[], end: number): number {
  const depths = new Map<number, number>();
  for (const id of nodes) {
    const layer = layerAt(topology, id);
    const inputs = (topology.nodes[id] as Node).inputs.map((input) => depths.get(input) ?? 0);
    const joined = productClasses.has(layer.className)
      ? inputs.reduce((sum, depth) => sum + depth, 0)
      : Math.max(0, ...inputs);
    depths.set(id, joined + weightFactors(layer));
  }
  return depths.get(end) ?? 0;
}

/** Every residual sum of a topology. The cost is the sum of the lengths of the branches. */
export function findResidualBranches(topology: Topology): ResidualGraph {
  const readers = readersOf(topology);
  const branches: ResidualBranch[] = [];
  const others: { layer: string; reason: string }[] = [];
  for (const { id: sum, inputs } of topology.nodes) {
    const layer = layerAt(topology, sum);
    const [a, b] = inputs;
    if (layer.className !== 'Add' || a === undefined || b === undefined) continue;
    if (inputs.length > 2) {
      others.push({ layer: layer.name, reason: `it adds ${inputs.length} tensors, not two` });
      continue;
    }
    const start = nearestCommonAncestor(topology, a, b);
    if (start === undefined) {
      others.push({ layer: layer.name, reason: 'its inputs have no common ancestor' });
      continue;
    }
    const pathTo = (end: number): Path => {
      const nodes = withSides(topology, between(topology, start, end), start, readers);
      return { end, nodes, depth: depthOf(topology, nodes, end) };
    };
    const [branch, shortcut] = [pathTo(a), pathTo(b)].sort((left, right) => right.depth - left.depth) as [Path, Path];
    if (branch.depth > shortcut.depth && shortcut.depth <= 1) branches.push({ sum, start, branch, shortcut });
    else if (branch.depth > 0) {
      const reason = `its inputs pass ${branch.depth} and ${shortcut.depth} weighted layers: neither is a shortcut`;
      others.push({ layer: layer.name, reason });
    }
  }
  return { branches, others };
}
