/** Padding with constants or with what lies inside; negative margins cut. */
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { cut } from './common.ts';
import { Value } from './value.ts';

type Margins = readonly [before: number, after: number];

/** Margins of every axis out of PyTorch's list, which begins with the last axis. */
const marginsOf = (list: readonly number[], rank: number): Margins[] =>
  Array.from({ length: rank }, (_, axis): Margins => {
    const at = 2 * (rank - 1 - axis);
    return [list[at] ?? 0, list[at + 1] ?? 0];
  });

/** Negative margins cut. */
function padConstant(x: Value, margins: readonly Margins[], value: number): Value {
  const cuts = margins.reduce((y, [before, after], axis) => {
    const extent = y.shape[axis] as number;
    return cut(y, axis, Math.max(-before, 0), extent - Math.max(-after, 0));
  }, x.tensor);
  const wide = margins.map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]);
  return Value.of(wide.every(([before, after]) => before + after === 0) ? cuts : tf.pad(cuts, wide, value));
}

/** What lies beyond the ends of an axis, taken from the axis itself. */
function padFrom(x: Tensor, axis: number, [before, after]: Margins, mode: string): Tensor {
  const extent = x.shape[axis] as number;
  const copies = (at: number, count: number) =>
    tf.tile(
      cut(x, axis, at, at + 1),
      x.shape.map((_, i) => (i === axis ? count : 1)),
    );
  const sides: Record<string, [() => Tensor, () => Tensor]> = {
    reflect: [
      () => tf.reverse(cut(x, axis, 1, 1 + before), axis),
      () => tf.reverse(cut(x, axis, extent - 1 - after, extent - 1), axis),
    ],
    replicate: [() => copies(0, before), () => copies(extent - 1, after)],
    circular: [() => cut(x, axis, extent - before, extent), () => cut(x, axis, 0, after)],
  };
  const [head, tail] = sides[mode] as [() => Tensor, () => Tensor];
  const parts = [...(before > 0 ? [head()] : []), x, ...(after > 0 ? [tail()] : [])];
  return parts.length === 1 ? x : tf.concat(parts, axis);
}

function padBy(args: Operands, list: readonly number[], mode: string): Value {
  const x = args.value('self');
  const margins = marginsOf(list, x.rank);
  if (mode === 'constant') return padConstant(x, margins, args.has('value') ? args.number('value') : 0);
  if (!['reflect', 'replicate', 'circular'].includes(mode)) args.fail(`pads in the mode "${mode}", which is not known`);
  return Value.of(margins.reduce((y, margin, axis) => padFrom(y, axis, margin, mode), x.tensor));
}

const padIn =
  (mode: string): Operation =>
  (args) =>
    padBy(args, args.ints('padding') ?? [], mode);

export const padding: Operations = {
  pad: (args) => padBy(args, args.ints('pad') ?? [], args.text('mode')),
  constant_pad_nd: (args) => padBy(args, args.ints('pad') ?? [], 'constant'),
  reflection_pad1d: padIn('reflect'),
  reflection_pad2d: padIn('reflect'),
  reflection_pad3d: padIn('reflect'),
  replication_pad1d: padIn('replicate'),
  replication_pad2d: padIn('replicate'),
  replication_pad3d: padIn('replicate'),
};
