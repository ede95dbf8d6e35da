/** Rows for reductions, matrix products and kernels that move elements. */
import { runKernel } from '../../../../src/engine/gradients/rule.ts';
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import { type Draw, distinct, type Proof } from '../prove.ts';

const cube = [[3, 4, 2]];
const of = (kernel: string, variant: string, op: (x: Tensor) => Tensor, draw?: Draw): Proof => ({
  kernel,
  variant,
  shapes: cube,
  op,
  ...(draw && { draw }),
});

const indices = (values: number[], shape: number[]) => tf.tensor(values, shape, 'int32');
const segments = (values: number[]) => tf.tensor1d(values, 'int32');
/** Every product but the last is of two matrices; -1 would be a batch. */
const products = [
  [false, false, [3, 4], [4, 5]],
  [true, false, [4, 3], [4, 5]],
  [false, true, [3, 4], [5, 4]],
  [true, true, [4, 3], [5, 4]],
  [false, false, [2, 3, 4], [2, 4, 5]],
  [true, true, [2, 4, 3], [1, 5, 4]],
] as const;

const stridedSlice = {
  begin: [0, 3, 0],
  end: [3, 0, 2],
  strides: [2, -2, 1],
  beginMask: 0,
  endMask: 0,
  ellipsisMask: 0,
  newAxisMask: 0,
  shrinkAxisMask: 4,
};

export const shapeProofs: readonly Proof[] = [
  of('TopK', 'values', (x) => tf.topk(x, 1).values, distinct),
  of('Sum', 'all axes', (x) => tf.sum(x)),
  of('Sum', 'two axes', (x) => tf.sum(x, [0, -1])),
  of('Sum', 'kept', (x) => tf.sum(x, 1, true)),
  of('Mean', 'all axes', (x) => tf.mean(x)),
  of('Mean', 'two axes', (x) => tf.mean(x, [0, -1])),
  of('Mean', 'kept', (x) => tf.mean(x, 1, true)),
  of('Max', 'all axes', (x) => tf.max(x), distinct),
  of('Max', 'last axis', (x) => tf.max(x, -1), distinct),
  of('Max', 'kept', (x) => tf.max(x, [0, 1], true), distinct),
  of('Min', 'all axes', (x) => tf.min(x), distinct),
  of('Min', 'one axis', (x) => tf.min(x, 1), distinct),
  of('Cumsum', 'plain', (x) => tf.cumsum(x, 1)),
  of('Cumsum', 'exclusive and reversed', (x) => tf.cumsum(x, 1, true, true)),
  ...products.map(([transposeA, transposeB, a, b]) => ({
    kernel: 'BatchMatMul',
    variant: `${transposeA ? "A'" : 'A'} ${transposeB ? "B'" : 'B'} of [${a}] and [${b}]`,
    shapes: [a, b],
    op: (x: Tensor, y: Tensor) => tf.matMul(x, y, transposeA, transposeB),
  })),
  of('Identity', '', (x) => tf.clone(x)),
  of('Cast', 'to float32', (x) => tf.add(tf.cast(tf.cast(x, 'bool'), 'float32'), x)),
  of('Cast', 'to int32', (x) => tf.add(tf.cast(tf.cast(tf.mul(x, 0.5), 'int32'), 'float32'), x)),
  of('Reshape', '', (x) => tf.reshape(x, [6, 4])),
  of('ExpandDims', '', (x) => tf.expandDims(x, 1)),
  of('Transpose', '', (x) => tf.transpose(x, [2, 0, 1])),
  of('Reverse', 'one axis', (x) => tf.reverse(x, 1)),
  of('Reverse', 'all axes', (x) => tf.reverse(x)),
  {
    kernel: 'Concat',
    shapes: [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    op: (a, b, c) => tf.concat([a, b, c], 1),
  },
  {
    kernel: 'Pack',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    op: (a, b) => tf.stack([a, b], 1),
  },
  of('SplitV', 'all parts', (x) => tf.addN(tf.split(x, 2, 1))),
  of('SplitV', 'one of unequal parts', (x) => tf.split(x, [1, 3], 1)[1] as Tensor),
  of('Unpack', '', (x) => tf.mul(tf.unstack(x, 1)[0] as Tensor, tf.unstack(x, 1)[2] as Tensor)),
  of('Slice', '', (x) => tf.slice(x, [1, 0, 1], [2, -1, 1])),
  of('PadV2', '', (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 2],
        [0, 0],
      ],
      0.5,
    ),
  ),
  of('Tile', '', (x) => tf.tile(x, [2, 1, 3])),
  of('Tile', 'broadcast', (x) => tf.broadcastTo(tf.sum(x, 1, true), [3, 4, 2])),
  of('StridedSlice', '', (x) =>
    tf.stridedSlice(x, stridedSlice.begin, stridedSlice.end, stridedSlice.strides, 0, 0, 0, 0, 4),
  ),
  {
    kernel: 'StridedSliceGrad',
    shapes: [[2, 2]],
    op: (dy) => runKernel('StridedSliceGrad', { dy }, { ...stridedSlice, shape: [3, 4, 2] }),
  },
  of('GatherV2', 'first axis', (x) => tf.gather(x, indices([0, 2, 2, 0, 1, 2], [3, 2]))),
  of('GatherV2', 'inner axis', (x) => tf.gather(x, indices([3, 0, 3], [3]), 1)),
  of('UnsortedSegmentSum', '', (x) => tf.unsortedSegmentSum(x, segments([1, 0, 1]), 3)),
  of('GatherNd', '', (x) => tf.gatherND(x, indices([0, 1, 2, 3, 0, 1], [3, 2]))),
  of('ScatterNd', '', (x) => tf.scatterND(indices([4, 0, 4], [3, 1]), x, [5, 4, 2])),
];
