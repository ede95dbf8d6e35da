/**
 * The order in which a recorded graph runs.
 *
 * TensorFlow starts whatever is ready, breadth first. In the derivative of a gradient much is ready long before it is needed (the cotangents of all weight
 * gradients, at once), and running it early keeps one or two activations of every layer alive for nothing. The recorded order is the one in which reverse
 * mode meets the layers, so every operation that touches a large tensor waits for the one before it: a chain of control edges.
 */
import { sizeOf } from '../../ndarray.ts';
import type { RecordedNode, Recording } from './recording.ts';

/** Elements from which a tensor counts as large. */
const largeElements = 16_384;

const isLarge = (shape: readonly number[] | undefined) => shape !== undefined && sizeOf(shape) >= largeElements;

function outputShape(node: RecordedNode | undefined, output: number): readonly number[] | undefined {
  if (node?.kind === 'op') return node.outputShapes[output];
  return undefined; // inputs and constants live as long as the run
}

/** For each node the one that it has to wait for, or -1. Only nodes that are needed take part. */
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
