/** The nodes of a graph that lead to an output. */
import { type GraphNode, inputNames, outputNames } from './graph.ts';

/** In their order; results that nobody reads become null. */
export function liveNodes(nodes: readonly GraphNode[], outputs: readonly string[]): GraphNode[] {
  const needed = new Set(outputs);
  const kept: GraphNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!outputNames(node).some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of inputNames(node)) needed.add(name);
  }
  return kept.reverse().map((node) => ({
    ...node,
    outputs: node.outputs.map((output) => (typeof output === 'string' && !needed.has(output) ? null : output)),
  }));
}
