/**
 * What exporters take apart put together again: a kernel [out, in] transposed, a product and a bias are one linear operation,
 *
 *   add(matmul(x, t(W)), b)  ->  linear(x, W, b)
 *
 * so that a parameter keeps its place in the network: its fans, its bias and its default initialiser.
 */
import { type Argument, type GraphNode, inputNames, isReference } from '../../topology/operation-graph/graph.ts';

const refOf = (argument: Argument | undefined): string | undefined =>
  argument !== undefined && isReference(argument) ? argument.ref : undefined;

export function fuseLinear(
  nodes: readonly GraphNode[],
  params: ReadonlyMap<string, readonly number[]>,
  outputs: readonly string[],
): GraphNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output): [unknown, GraphNode] => [output, node])));
  const counts = new Map<string, number>(outputs.map((name) => [name, 1]));
  for (const name of nodes.flatMap(inputNames)) counts.set(name, (counts.get(name) ?? 0) + 1);
  /** The kernel behind a product with a transposed parameter. */
  const productOf = (name: string | undefined): { input: Argument; weight: string } | undefined => {
    const product = makers.get(name);
    if (product?.op !== 'matmul' || counts.get(name as string) !== 1) return undefined;
    const turned = makers.get(refOf(product.args.other));
    const weight = turned?.op === 't' ? refOf(turned.args.self) : undefined;
    const input = product.args.self;
    return weight !== undefined && params.get(weight)?.length === 2 && input !== undefined
      ? { input, weight }
      : undefined;
  };
  return nodes.map((node) => {
    if (node.op !== 'add' || node.args.alpha !== undefined) return node;
    const sides = [refOf(node.args.self), refOf(node.args.other)];
    const at = sides.findIndex((side) => productOf(side) !== undefined);
    const bias = sides[1 - at];
    const found = productOf(sides[at]);
    if (at < 0 || !found || bias === undefined || params.get(bias)?.length !== 1) return node;
    return { ...node, op: 'linear', args: { input: found.input, weight: { ref: found.weight }, bias: { ref: bias } } };
  });
}
