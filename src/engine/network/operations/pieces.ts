/** Operations that join, split, repeat and pad tensors. */
import {
  type AxisAttribute,
  type PadAttributes,
  type RepeatsAttribute,
  type SplitAttributes,
  splitParts,
  tileCounts,
  type UnstackAttributes,
} from '../../../topology/operations/pieces.ts';
import { type Tensor, tf } from '../../tf.ts';
import { at, type OperationForward } from './operation-forward.ts';

const concatenate: OperationForward<AxisAttribute> = ({ axis }, operands) => {
  const all = operands.all('xs');
  const samples = Math.max(...all.map(({ shape }) => shape[0] ?? 1));
  // A constant has extent 1 at the batch axis.
  const alike = all.map((x) =>
    x.shape[0] === samples
      ? x
      : tf.tile(
          x,
          x.shape.map((_, i) => (i === 0 ? samples : 1)),
        ),
  );
  return alike.length === 1 ? (alike[0] as Tensor) : tf.concat(alike, at(axis, alike[0]?.rank ?? 1));
};

const stack: OperationForward<AxisAttribute> = ({ axis }, operands) => {
  const all = operands.all('x');
  return tf.stack([...all], at(axis, (all[0]?.rank ?? 0) + 1));
};

/** The entries [begin, end) of one axis. */
function part(x: Tensor, axis: number, [begin, end]: readonly [number, number]): Tensor {
  const [starts, sizes] = [x.shape.map(() => 0), [...x.shape]];
  starts[axis] = begin;
  sizes[axis] = end - begin;
  return tf.slice(x, starts, sizes);
}

const split: OperationForward<SplitAttributes> = ({ sections, axis }, operands) => {
  const x = operands.one('x');
  const position = at(axis, x.rank);
  return splitParts(sections, x.shape[position] as number).map((range) => part(x, position, range));
};

const unstack: OperationForward<UnstackAttributes> = ({ axis }, operands) => {
  const x = operands.one('x');
  return tf.unstack(x, at(axis, x.rank));
};

const tile: OperationForward<RepeatsAttribute> = ({ repeats }, operands) => {
  const x = operands.one('x');
  return tf.tile(x, tileCounts(repeats, x.rank));
};

/** Repeats every entry `repeats` times: a new axis after it is tiled and merged. */
const repeat: OperationForward<AxisAttribute & { readonly repeats: number }> = ({ axis, repeats }, operands) => {
  const x = operands.one('x');
  const position = at(axis, x.rank);
  const wide = tf.expandDims(x, position + 1);
  const tiled = tf.tile(
    wide,
    wide.shape.map((_, i) => (i === position + 1 ? repeats : 1)),
  );
  return tf.reshape(
    tiled,
    x.shape.map((extent, i) => (i === position ? extent * repeats : extent)),
  );
};

const reversed = (x: Tensor, axis: number) => tf.reverse(x, axis);

/** Pads both ends of an axis with mirrored entries; `symmetric` includes the edge itself. */
function mirror(x: Tensor, axis: number, [before, after]: readonly [number, number], edge: 0 | 1): Tensor {
  const extent = x.shape[axis] as number;
  const parts = [
    ...(before > 0 ? [reversed(part(x, axis, [edge, edge + before]), axis)] : []),
    x,
    ...(after > 0 ? [reversed(part(x, axis, [extent - edge - after, extent - edge]), axis)] : []),
  ];
  return parts.length === 1 ? x : tf.concat(parts, axis);
}

const pad: OperationForward<PadAttributes> = ({ widths, mode }, operands) => {
  const x = operands.one('x');
  const pairs = x.shape.map((_, axis) => [...(widths[widths.length === 1 ? 0 : axis] ?? [0, 0])] as [number, number]);
  if (mode === 'constant') {
    const value = operands.maybe('constant_values');
    if (value === undefined) return tf.pad(x, pairs);
    // Pads x - v with 0, and adds v everywhere.
    return tf.add(tf.pad(tf.sub(x, value), pairs), value);
  }
  return pairs.reduce((y, pair, axis) => mirror(y, axis, pair, mode === 'reflect' ? 1 : 0), x);
};

export const pieces = { concatenate, stack, split, unstack, tile, repeat, pad };
