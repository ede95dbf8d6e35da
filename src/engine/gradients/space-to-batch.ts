/** Rearrangements between space and batch, and cumulative sums: linear, each the transpose of its mirror image. */
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

/** dx_i = the sum of dy over all places that counted x_i: the same sum from the other end. */
export const cumsum = rule('Cumsum', [], (dy, _, { axis, exclusive, reverse }: CumsumAttributes) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}));
