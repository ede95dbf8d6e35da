/**
 * Seeded transforms of a batch of training images: random crop after zero padding, horizontal flip, cutout.
 *
 *   y[i, j] = x[i + di, j + dj]  with di, dj uniform in {-p..p} and zeros outside;  j -> w - 1 - j with probability 1/2;  a square of zeros
 *
 * The zeros are added to normalised images, where zero is the mean of the data. The published cutout does the same; the published crop pads with
 * black before the normalisation. Order (crop, flip, cutout) and sizes (4, 16) are those of the GradInit training code.
 * Reference: DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", arXiv 1708.04552 (2017).
 */
import type { Batch } from '../batch.ts';
import type { Augmentation } from '../contract/training-protocol.ts';
import type { NDArray } from '../ndarray.ts';
import type { RandomStream } from '../random.ts';

interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Shifts the image by (rows, columns); pixels from outside are zero. */
function shift(
  source: Float32Array,
  target: Float32Array,
  { height, width, channels }: Image,
  rows: number,
  columns: number,
): void {
  target.fill(0);
  const [from, to] = [Math.max(0, -columns), Math.min(width, width - columns)];
  for (let i = Math.max(0, -rows); i < Math.min(height, height - rows); i++) {
    const start = ((i + rows) * width + from + columns) * channels;
    target.set(source.subarray(start, start + (to - from) * channels), (i * width + from) * channels);
  }
}

function mirror(image: Float32Array, { height, width, channels }: Image): void {
  for (let i = 0; i < height; i++) {
    for (let left = 0, right = width - 1; left < right; left++, right--) {
      for (let c = 0; c < channels; c++) {
        const [a, b] = [(i * width + left) * channels + c, (i * width + right) * channels + c];
        const value = image[a] as number;
        image[a] = image[b] as number;
        image[b] = value;
      }
    }
  }
}

/** Sets a square of `side` pixels around one pixel to zero; the square is clipped at the borders. */
function cut(image: Float32Array, { height, width, channels }: Image, side: number, row: number, column: number): void {
  const [top, left] = [row - Math.floor(side / 2), column - Math.floor(side / 2)];
  const [from, to] = [Math.max(0, left), Math.min(width, left + side)];
  for (let i = Math.max(0, top); i < Math.min(height, top + side); i++)
    image.fill(0, (i * width + from) * channels, (i * width + to) * channels);
}

/** Where the channels of images lie: [n, h, w, c] or [n, c, h, w]. */
export type ChannelOrder = 'last' | 'first';

/**
 * A batch in which every image is transformed by its own random draws; the given arrays are not changed. Inputs of other shapes than [n, height,
 * width, channels], or [n, channels, height, width] with the channels first, are returned unchanged.
 */
export function augment(
  batch: Batch,
  options: Augmentation,
  random: RandomStream,
  channels: ChannelOrder = 'last',
): Batch {
  return {
    ...batch,
    inputs: batch.inputs.map((input) =>
      input.dtype === 'float32' && input.shape.length === 4 ? augmentImages(input, options, random, channels) : input,
    ),
  };
}

/** A picture as planes that are transformed alike: one of all channels, or one for each channel. */
function planesOf(shape: readonly number[], order: ChannelOrder): { plane: Image; planes: number } {
  const [, first = 0, second = 0, third = 0] = shape;
  return order === 'last'
    ? { plane: { height: first, width: second, channels: third }, planes: 1 }
    : { plane: { height: second, width: third, channels: 1 }, planes: first };
}

function augmentImages(
  images: NDArray<'float32'>,
  { crop = 0, flip = false, cutout = 0 }: Augmentation,
  random: RandomStream,
  order: ChannelOrder,
): NDArray<'float32'> {
  const { plane, planes } = planesOf(images.shape, order);
  const { height, width, channels } = plane;
  const size = height * width * channels;
  const data = images.data.slice();
  const count = images.shape[0] ?? 0;
  for (let n = 0; n < count; n++) {
    const eachPlane = (run: (own: Float32Array, source: Float32Array) => void) => {
      for (let at = n * planes; at < (n + 1) * planes; at++)
        run(data.subarray(at * size, (at + 1) * size), images.data.subarray(at * size, (at + 1) * size));
    };
    if (crop > 0) {
      const [rows, columns] = [random.below(2 * crop + 1) - crop, random.below(2 * crop + 1) - crop];
      eachPlane((own, source) => shift(source, own, plane, rows, columns));
    }
    if (flip && random.below(2) === 1) eachPlane((own) => mirror(own, plane));
    if (cutout > 0) {
      const [row, column] = [random.below(height), random.below(width)];
      eachPlane((own) => cut(own, plane, cutout, row, column));
    }
  }
  return { ...images, data };
}
