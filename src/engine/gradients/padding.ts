/** Slices and paddings, which are transposes of each other, and their strided and repeated variants. */
import { tf } from '../tf.ts';
import type { StridedSliceAttributes } from './kernels/strided-slice-grad.ts';
import { rule, runKernel } from './rule.ts';

/** dx = dy at the slice, zero elsewhere. */
export const slice = rule(
  'Slice',
  ['x'],
  (dy, { x }, { begin, size }: { begin: number | number[]; size: number | number[] }) => ({
    x: () => {
      const [starts = [], sizes = []] = tf.slice_util.parseSliceParams(x, begin, size);
      return tf.pad(
        dy,
        x.shape.map((total, axis) => [starts[axis] ?? 0, total - (starts[axis] ?? 0) - (sizes[axis] ?? 0)]),
      );
    },
  }),
);

export const padV2 = rule('PadV2', ['x'], (dy, { x }, { paddings }: { paddings: [number, number][] }) => ({
  x: () =>
    tf.slice(
      dy,
      paddings.map(([before]) => before),
      x.shape,
    ),
}));

/** dx = the sum over all copies: copies and elements of a repeated axis are reshaped to two axes, and the axis of copies is summed. */
export const tile = rule('Tile', ['x'], (dy, { x }, { reps }: { reps: number[] }) => ({
  x: () => {
    const split: number[] = [];
    const copies: number[] = [];
    x.shape.forEach((size, axis) => {
      const repeated = reps[axis] ?? 1;
      if (repeated > 1) copies.push(split.push(repeated) - 1);
      if (repeated === 1 || size !== 1) split.push(size);
    });
    const summed = tf.sum(split.length === dy.rank ? dy : tf.reshape(dy, split), copies);
    return tf.util.arraysEqual(summed.shape, x.shape) ? summed : tf.reshape(summed, x.shape);
  },
}));

export const stridedSlice = rule('StridedSlice', ['x'], (dy, { x }, attributes: StridedSliceAttributes) => ({
  x: () => runKernel('StridedSliceGrad', { dy }, { ...attributes, shape: x.shape }),
}));

export const stridedSliceGrad = rule('StridedSliceGrad', [], (g, _, attributes: StridedSliceAttributes) => ({
  dy: () => runKernel('StridedSlice', { x: g }, attributes),
}));
