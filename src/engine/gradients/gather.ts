/** Gathers and scatters by constant indices; each is the transpose of the other. */
import { AppError } from '../../errors.ts';
import { type Tensor, tf } from '../tf.ts';
import { noGradient, rule } from './rule.ts';

/** dx[i] = sum of dy over all positions whose index along the axis is i. */
function scatterToAxis(dy: Tensor, indices: Tensor, shape: readonly number[], axis: number): Tensor {
  const length = shape[axis] ?? 1;
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const ids = tf.reshape(indices, [indices.size]) as ReturnType<typeof tf.tensor1d>;
  const slices = tf.reshape(dy, [outer, indices.size, inner]);
  const first = outer === 1 ? tf.reshape(slices, [indices.size, inner]) : tf.transpose(slices, [1, 0, 2]);
  const summed = tf.unsortedSegmentSum(first, ids, length); // [length, (outer,) inner]
  return tf.reshape(outer === 1 ? summed : tf.transpose(summed, [1, 0, 2]), [...shape]);
}

interface GatherAttributes {
  axis: number;
  batchDims: number;
}

export const gatherV2 = rule(
  'GatherV2',
  ['x', 'indices'],
  (dy, { x, indices }, { axis, batchDims }: GatherAttributes) => {
    if (batchDims !== 0)
      throw new AppError('GRADIENT_UNPROVEN', `GatherV2 with batchDims ${batchDims} has no gradient rule; use 0`);
    const [along = 0] = tf.util.parseAxisParam(axis, x.shape);
    return { x: () => scatterToAxis(dy, indices, x.shape, along), indices: noGradient(indices) };
  },
);

/** Segment ids must not be negative: TensorFlow drops such rows, but the gather in the gradient does not. */
export const unsortedSegmentSum = rule('UnsortedSegmentSum', ['segmentIds'], (dy, { segmentIds }) => ({
  x: () => tf.gather(dy, segmentIds as ReturnType<typeof tf.tensor1d>),
  segmentIds: noGradient(segmentIds),
}));

export const gatherNd = rule('GatherNd', ['params', 'indices'], (dy, { params, indices }) => ({
  params: () => tf.scatterND(indices, dy, params.shape),
  indices: noGradient(indices),
}));

export const scatterNd = rule('ScatterNd', ['indices'], (dy, { indices }) => ({
  updates: () => tf.gatherND(dy, indices),
  indices: noGradient(indices),
}));
