/** Rearrangements between space and batch, and cumulative sums. All are linear; the transpose of each is its inverse or the sum in the other direction. */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';

export const spaceToBatchNd = rule(
  'SpaceToBatchND',
  [],
  (dy, _, attributes: { blockShape: number[]; paddings: number[][] }) => ({
    x: () => tf.batchToSpaceND(dy, attributes.blockShape, attributes.paddings),
  }),
);

export const batchToSpaceNd = rule(
  'BatchToSpaceND',
  [],
  (dy, _, attributes: { blockShape: number[]; crops: number[][] }) => ({
    x: () => tf.spaceToBatchND(dy, attributes.blockShape, attributes.crops),
  }),
);

interface CumsumAttributes {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/** dx_i = the sum of dy over all positions whose sum includes x_i: a cumulative sum from the other end. */
export const cumsum = rule('Cumsum', [], (dy, _, { axis, exclusive, reverse }: CumsumAttributes) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}));
