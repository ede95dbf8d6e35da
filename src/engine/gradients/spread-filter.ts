/** Inserts the zeros of a dilated filter between its taps, so that an ordinary convolution computes the dilated one. */
import { type Tensor, tf } from '../tf.ts';

type Dilations = number | readonly number[];

const perAxis = (dilations: Dilations, axes: number) =>
  typeof dilations === 'number' ? new Array<number>(axes).fill(dilations) : [...dilations];

export const isDilated = (dilations: Dilations) => perAxis(dilations, 1).some((dilation) => dilation > 1);

/** The shapes that interleave taps and zeros; `size` taps at distance d extend over (size - 1) d + 1 positions. */
function layout(filterShape: readonly number[], dilations: Dilations) {
  const taps = filterShape.slice(0, -2);
  const channels = filterShape.slice(-2);
  const distances = perAxis(dilations, taps.length);
  const distance = (axis: number) => distances[axis] ?? 1;
  return {
    channels,
    split: [...taps.flatMap((size) => [size, 1]), channels.reduce((a, b) => a * b, 1)],
    pads: [
      ...taps.flatMap((_, axis) => [
        [0, 0],
        [0, distance(axis) - 1],
      ]),
      [0, 0],
    ] as [number, number][],
    blocks: taps.map((size, axis) => size * distance(axis)),
    reach: taps.map((size, axis) => (size - 1) * distance(axis) + 1),
  };
}

/** filter: [...taps, inputs, outputs] -> [...reach, inputs, outputs]. */
export function spreadFilter(filter: Tensor, dilations: Dilations): Tensor {
  const { channels, split, pads, blocks, reach } = layout(filter.shape, dilations);
  const interleaved = tf.reshape(tf.pad(tf.reshape(filter, split), pads), [...blocks, ...channels]);
  return tf.slice(interleaved, new Array<number>(filter.rank).fill(0), [...reach, ...channels]);
}

/** The transpose of `spreadFilter`: extracts the taps from [...reach, inputs, outputs]. */
export function shrinkFilter(spread: Tensor, dilations: Dilations, filterShape: readonly number[]): Tensor {
  const { channels, split, pads, blocks, reach } = layout(filterShape, dilations);
  const missing = blocks.map((block, axis): [number, number] => [0, block - (reach[axis] ?? block)]);
  const interleaved = tf.pad(spread, [...missing, [0, 0], [0, 0]]);
  const parts = tf.reshape(
    interleaved,
    split.map((size, index) => size + (pads[index]?.[1] ?? 0)),
  );
  const taps = tf.slice(parts, new Array<number>(split.length).fill(0), split);
  return tf.reshape(taps, [...filterShape.slice(0, -2), ...channels]);
}
