/** What methods that start residual branches at zero share: the parameters that end the branches, and the classifier. */

import { outputKernels } from '../../topology/structure/output-kernel.ts';
import type { Topology } from '../../topology/topology.ts';
import { findClassifier, isRefused, planFixup } from './fixup-plan.ts';

export interface BranchEnds {
  /** Names of the kernels and gains that make the branches vanish when they are zero. */
  readonly ends: ReadonlySet<string>;
  /** Name of the kernels of the layer that makes the outputs; empty where it is not one layer. */
  readonly classifier: ReadonlySet<string>;
  readonly branches: number;
}

/** Networks without residual branches have a classifier only. */
export function branchEnds(topology: Topology): BranchEnds {
  const plan = planFixup(topology, false);
  const layer = findClassifier(topology);
  const classifier = new Set(layer ? outputKernels(layer).map(({ name }) => name) : []);
  if (isRefused(plan)) return { ends: new Set(), classifier, branches: 0 };
  const ends = new Set([...plan.zeroed].filter((name) => !classifier.has(name)));
  return { ends, classifier, branches: plan.branches.length };
}
