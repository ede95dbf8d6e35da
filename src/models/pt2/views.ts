/** Operations whose result lies in the memory of their operand, and how a change of the result is written back to it. */
import type { Argument, GraphNode } from '../../topology/operation-graph/graph.ts';
import type { RawNode } from './nodes.ts';

type Written = Pick<GraphNode, 'op' | 'args'>;

const reshaped = (_: RawNode, other: Argument, self: Argument): Written => ({
  op: 'reshape_as',
  args: { self, other },
});
const same = (_: RawNode, __: Argument, self: Argument): Written => ({ op: 'alias', args: { self } });
/** A view that undoes itself. */
const again = ({ op, args }: RawNode, _: Argument, self: Argument): Written => ({ op, args: { ...args, self } });

const each = <T>(names: readonly string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));

type Writer = (view: RawNode, whole: Argument, part: Argument) => Written;

export const writers: Readonly<Record<string, Writer>> = {
  slice: ({ args }, self, src) => ({ op: 'slice_scatter', args: { ...args, self, src } }),
  select: ({ args }, self, src) => ({ op: 'select_scatter', args: { ...args, self, src } }),
  diagonal: ({ args }, self, src) => ({ op: 'diagonal_scatter', args: { ...args, self, src } }),
  ...each(['view', '_unsafe_view', 'reshape', 'view_as', 'reshape_as', 'flatten', 'unflatten'], reshaped),
  ...each(['squeeze', 'unsqueeze', 'contiguous', 'ravel', 'atleast_1d', 'atleast_2d', 'atleast_3d'], reshaped),
  ...each(['alias', 'detach', 'lift_fresh', 'dropout', 'to'], same),
  ...each(['transpose', 't', 'mT', 'numpy_T', 'matrix_H'], again),
  movedim: ({ args }, _, self) => ({
    op: 'movedim',
    args: { self, source: args.destination ?? null, destination: args.source ?? null },
  }),
  permute: ({ args }, _, self) => {
    const dims = args.dims as readonly number[];
    const order = dims.map((dim) => (dim < 0 ? dim + dims.length : dim));
    return { op: 'permute', args: { self, dims: order.map((_dim, at) => order.indexOf(at)) } };
  },
};

/** Operations that copy only where they must. */
export const sometimesCopies: ReadonlySet<string> = new Set([
  'to',
  'contiguous',
  'reshape',
  'dropout',
  'flatten',
  'ravel',
]);

/** Views of several parts, or of one place many times. */
const otherViews = new Set([
  'expand',
  'expand_as',
  'split',
  'split_with_sizes',
  'split.sizes',
  'chunk',
  'tensor_split',
  'tensor_split.indices',
  'hsplit',
  'vsplit',
  'unbind',
  'narrow',
  'unfold',
]);

export const isView = (op: string): boolean => Object.hasOwn(writers, op) || otherViews.has(op);

/** The extent of a value along an axis; null where it depends on the batch. */
export type PartExtent = (name: string, axis: number) => number | null;

interface Part {
  readonly output: string;
  /** The view that gives this part alone. */
  readonly by: RawNode;
}

const axisOf = ({ op, args }: RawNode): number => {
  if (op === 'hsplit') return 1;
  return typeof args.dim === 'number' ? args.dim : 0;
};

/** The parts that a view gives, each as a view of its own: those of a split are slices. */
export function partsOf(node: RawNode, extentOf: PartExtent): Part[] {
  const [first] = node.outputs;
  const { self = null } = node.args;
  const alone = (output: string, op: string, args: GraphNode['args']): Part => ({
    output,
    by: { ...node, op, args: { self, ...args }, outputs: [output] },
  });
  if (typeof first === 'string') {
    const { dim = 0, start, length } = node.args;
    return node.op === 'narrow' && typeof start === 'number' && typeof length === 'number'
      ? [alone(first, 'slice', { dim, start, end: start + length })]
      : [{ output: first, by: node }];
  }
  const names = first ?? [];
  const dim = axisOf(node);
  if (node.op === 'unbind') return names.map((name, index) => alone(name, 'select', { dim, index }));
  let begin: number | null = 0;
  return names.map((name) => {
    const extent = extentOf(name, dim);
    const start: number | null = begin;
    begin = start === null || extent === null ? null : start + extent;
    return start === null || begin === null
      ? { output: name, by: node }
      : alone(name, 'slice', { dim, start, end: begin });
  });
}
