/**
 * Resizes images: y = A_h x A_w^T, for every plane.
 *
 *   A[i, j] = k(|c_i - j| / s) / sum_j k(|c_i - j| / s),   c_i = (i + 1/2) n / m - 1/2,   s = max(n / m, 1) with antialias, else 1
 *
 * n and m are the extents before and after. Kernels k: triangle (bilinear), Keys' cubic with a = -1/2 (bicubic), Lanczos of 3 and 5 lobes, Gaussian of
 * deviation 1/2, Mitchell-Netravali. Weights outside of the image are excluded before normalisation, as in TensorFlow and JAX.
 * Plain bilinear interpolation uses TensorFlow's kernel: at half pixels ('bilinear_keras3'), or at i n / m as in tfjs ('bilinear').
 *
 * References: R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29(6), 1981; D. Mitchell and A. Netravali,
 * "Reconstruction filters in computer graphics", SIGGRAPH 1988.
 */
import type { Interpolation } from '../../topology/layers/up-sampling.ts';
import { type Tensor, type Tensor4D, tf } from '../tf.ts';

export interface Resampling {
  readonly interpolation: Interpolation;
  /** True: the kernel is widened when images shrink. */
  readonly antialias: boolean;
}

const triangle = (x: number) => Math.max(0, 1 - x);

/** The family of Mitchell and Netravali; b = 0, c = 1/2 is Keys' cubic. */
const cubic = (b: number, c: number) => (x: number) => {
  if (x >= 2) return 0;
  const [square, cube] = [x * x, x * x * x];
  return x < 1
    ? ((12 - 9 * b - 6 * c) * cube + (-18 + 12 * b + 6 * c) * square + (6 - 2 * b)) / 6
    : ((-b - 6 * c) * cube + (6 * b + 30 * c) * square + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6;
};

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (lobes: number) => (x: number) => (x < lobes ? sinc(x) * sinc(x / lobes) : 0);
const gaussian = (x: number) => (x < 1.5 ? Math.exp(-x * x * 2) : 0);

const kernels: Readonly<Record<Exclude<Interpolation, 'nearest'>, (x: number) => number>> = {
  bilinear: triangle,
  bilinear_keras3: triangle,
  bicubic: cubic(0, 1 / 2),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  gaussian,
  mitchellcubic: cubic(1 / 3, 1 / 3),
};

/** A, [after, before], row-major. */
function resamplingMatrix(
  before: number,
  after: number,
  kernel: (x: number) => number,
  antialias: boolean,
): Float32Array {
  const ratio = before / after;
  const width = antialias ? Math.max(ratio, 1) : 1;
  const matrix = new Float32Array(after * before);
  for (let i = 0; i < after; i += 1) {
    const centre = (i + 0.5) * ratio - 0.5;
    const weights = Array.from({ length: before }, (_, j) => kernel(Math.abs(centre - j) / width));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    matrix.set(
      weights.map((weight) => weight / total),
      i * before,
    );
  }
  return matrix;
}

/** Applies A to the last axis of x. */
function resample(x: Tensor, after: number, kernel: (x: number) => number, antialias: boolean): Tensor {
  const before = x.shape.at(-1) as number;
  if (before === after) return x;
  const matrix = tf.tensor2d(resamplingMatrix(before, after, kernel, antialias), [after, before]);
  const flat = tf.matMul(tf.reshape(x, [-1, before]), matrix, false, true);
  return tf.reshape(flat, [...x.shape.slice(0, -1), after]);
}

/** Element floor((2 i + 1) n / 2 m) for every i: the one nearest to the centre of the new pixel. */
function nearest(x: Tensor, axis: number, after: number): Tensor {
  const before = x.shape[axis] as number;
  if (before === after) return x;
  const indices = Int32Array.from({ length: after }, (_, i) => Math.floor(((2 * i + 1) * before) / (2 * after)));
  return tf.gather(x, tf.tensor1d(indices, 'int32'), axis);
}

/** x [n, h, w, c] -> [n, height, width, c]. */
export function resizeImages(
  x: Tensor4D,
  [height, width]: readonly [number, number],
  { interpolation, antialias }: Resampling,
): Tensor {
  if (interpolation === 'nearest') return nearest(nearest(x, 1, height), 2, width);
  if (!antialias && (interpolation === 'bilinear' || interpolation === 'bilinear_keras3'))
    return tf.image.resizeBilinear(x, [height, width], false, interpolation === 'bilinear_keras3');
  const kernel = kernels[interpolation];
  const rows = resample(tf.transpose(x, [0, 2, 3, 1]), height, kernel, antialias); // [n, w, c, height]
  const columns = resample(tf.transpose(rows, [0, 3, 2, 1]), width, kernel, antialias); // [n, height, c, width]
  return tf.transpose(columns, [0, 1, 3, 2]);
}
