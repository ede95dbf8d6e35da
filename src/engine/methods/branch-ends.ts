/** The parameters at the ends of residual branches, and the classifier, for methods whose residual branches start at zero. */

import { outputKernels } from '../../topology/structure/output-kernel.ts';
import type { Topology } from '../../topology/topology.ts';
import { findClassifier, isRefused, planFixup } from './fixup-plan.ts';

export interface BranchEnds {
  /** Names of the kernels and gains whose zero makes the residual branches zero. */
  readonly ends: ReadonlySet<string>;
  /** Names of the kernels of the output layer; empty where the output is not computed by a single layer. */
  readonly classifier: ReadonlySet<string>;
  readonly branches: number;
}

/** Networks without residual branches only have a classifier. */
export function branchEnds(topology: Topology): BranchEnds {
  const plan = planFixup(topology, false);
  const layer = findClassifier(topology);
  const classifier = new Set(layer ? outputKernels(layer).map(({ name }) => name) : []);
  if (isRefused(plan)) return { ends: new Set(), classifier, branches: 0 };
  const ends = new Set([...plan.zeroed].filter((name) => !classifier.has(name)));
  return { ends, classifier, branches: plan.branches.length };
}
