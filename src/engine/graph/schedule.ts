/**
 * Determines the order in which a recorded graph runs.
 *
 * TensorFlow runs every operation as soon as its inputs are ready. In the derivative of a gradient, many operations are ready long before their
 * results are needed (the cotangents of all weight gradients at once), and running them early keeps one or two activations of every layer in memory
 * without need. The recorded order is that of reverse mode through the layers, so that every operation on a large tensor waits for the previous one:
 * a chain of control edges.
 */
import { sizeOf } from '../../ndarray.ts';
import type { RecordedNode, Recording } from './recording.ts';

/** Least number of elements of a large tensor. */
const largeElements = 16_384;

const isLarge = (shape: readonly number[] | undefined) => shape !== undefined && sizeOf(shape) >= largeElements;

function outputShape(node: RecordedNode | undefined, output: number): readonly number[] | undefined {
  if (node?.kind === 'op') return node.outputShapes[output];
  return undefined; // inputs and constants exist during the whole run
}

/** For each node the node that it waits for, or -1. Only needed nodes are considered. */
export function controlEdges({ nodes }: Recording, needed: readonly boolean[]): Int32Array {
  const waitsFor = new Int32Array(nodes.length).fill(-1);
  let last = -1;
  nodes.forEach((node, index) => {
    if (!needed[index] || node.kind !== 'op') return;
    const touchesLarge =
      node.outputShapes.some(isLarge) ||
      node.inputs.some(({ node: source, output }) => isLarge(outputShape(nodes[source], output)));
    if (!touchesLarge) return;
    waitsFor[index] = last;
    last = index;
  });
  return waitsFor;
}
