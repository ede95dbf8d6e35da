/** Adds factors to residual sums: a trained one on every branch, or a constant one on every shortcut. */
import { layerAt, type Topology } from '../topology.ts';
import type { ResidualBranch } from './residual-branches.ts';
import { rewire } from './rewire.ts';
import { trainedScalars } from './trained-scalars.ts';

/** Replaces x + F(x) by x + s F(x) with a trained s of initial value `initial`. The inputs must allow scalars (`canHaveScalars`). */
export function withBranchFactors(
  topology: Topology,
  branches: readonly ResidualBranch[],
  prefix: string,
  initial: number,
): Topology {
  const ends = new Map(branches.map(({ sum, branch }) => [sum, branch.end]));
  const scalarsFor = trainedScalars(topology, prefix);
  return rewire(topology, {
    edge: (node, position, source, { add, idOf }) =>
      ends.get(node.id) === node.inputs[position]
        ? scalarsFor(idOf).multiply(source, `${layerAt(topology, node.id).name}_${prefix}_scale`, add, initial)
        : source,
  });
}

/** Replaces x + F(x) by a x + F(x). @param factors a by the node id of the sum; other sums are unchanged */
export function withShortcutFactors(
  topology: Topology,
  branches: readonly ResidualBranch[],
  factors: ReadonlyMap<number, number>,
  prefix: string,
): Topology {
  const shortcuts = new Map(branches.map(({ sum, shortcut }) => [sum, shortcut.end]));
  return rewire(topology, {
    edge: (node, position, source, { add }) => {
      const factor = factors.get(node.id);
      if (factor === undefined || shortcuts.get(node.id) !== node.inputs[position]) return source;
      const name = `${layerAt(topology, node.id).name}_${prefix}_shortcut`;
      return add({ className: 'Rescaling', name, config: { scale: factor, offset: 0 } }, [source]);
    },
  });
}
