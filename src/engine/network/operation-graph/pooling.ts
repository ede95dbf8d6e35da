/**
 * Pooling with PyTorch's windows: explicit padding, dilation, and with ceil_mode a last window that may reach beyond the end.
 *
 *   max   over the elements of a window that exist
 *   mean  sum of a window / number of its elements; those of the padding count where count_include_pad says so, those beyond it never
 */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import { poolAdaptively } from '../layers/pooling.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { type Margins, overSpace, padSpace, spread, strided } from './common.ts';

interface Axis {
  readonly extent: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly windows: number;
}

/** Smaller than every activation; an infinity would make 0 times infinity in derivatives. */
const lowest = -3.4e38;

function axesOf(args: Operands, extents: readonly number[]): Axis[] {
  const count = extents.length;
  const list = (name: string, fallback: number[]) => {
    const given = args.ints(name);
    return spread(given === undefined || given.length === 0 ? fallback : given, count);
  };
  const sizes = list('kernel_size', [1]);
  const [strides, paddings] = [list('stride', sizes), list('padding', [0])];
  const dilations = args.has('dilation') ? list('dilation', [1]) : sizes.map(() => 1);
  const ceil = args.flag('ceil_mode');
  return extents.map((extent, axis) => {
    const [size, stride, padding, dilation] = [sizes[axis], strides[axis], paddings[axis], dilations[axis]] as [
      number,
      number,
      number,
      number,
    ];
    const room = extent + 2 * padding - dilation * (size - 1) - 1;
    const whole = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window starts inside of the input or its left padding.
    const windows = ceil && (whole - 1) * stride >= extent + padding ? whole - 1 : whole;
    return { extent, size, stride, padding, dilation, windows };
  });
}

/** x [n, ...space, c] with what the windows reach beyond its ends. */
function padded(x: Tensor, axes: readonly Axis[], value: number): Tensor {
  const margins = axes.map(({ extent, size, stride, padding, dilation, windows }): Margins => {
    const reach = (windows - 1) * stride + dilation * (size - 1) + 1;
    return [padding, Math.max(0, reach - extent - padding)];
  });
  return padSpace(x, margins, value);
}

type Pool = (image: Tensor4D, size: [number, number], strides: [number, number]) => Tensor4D;
const maxPool: Pool = (x, size, strides) => tf.maxPool(x, size, strides, 'valid');
const avgPool: Pool = (x, size, strides) => tf.avgPool(x, size, strides, 'valid');

/** Windows over one, two or three axes of x [n, ...space, c]; three as a plane and then the depth, for maxima and means are separable. */
function poolSpace(x: Tensor, axes: readonly Axis[], pool: Pool): Tensor {
  const [a, b, c] = axes as [Axis, Axis, Axis];
  if (axes.length === 1) return tf.squeeze(pool(tf.expandDims(x, 1) as Tensor4D, [1, a.size], [1, a.stride]), [1]);
  if (axes.length === 2) return pool(x as Tensor4D, [a.size, b.size], [a.stride, b.stride]);
  const [n, depth, height, width, channels] = x.shape as [number, number, number, number, number];
  const planes = tf.reshape(x, [n * depth, height, width, channels]) as Tensor4D;
  const flat = pool(planes, [b.size, c.size], [b.stride, c.stride]);
  const [, rows, columns] = flat.shape;
  const deep = pool(tf.reshape(flat, [n, depth, rows * columns, channels]) as Tensor4D, [a.size, 1], [a.stride, 1]);
  return tf.reshape(deep, [n, deep.shape[1], rows, columns, channels]);
}

/** Maxima over windows with gaps: the maximum of one shifted copy for each element of a window, axis by axis. */
function dilatedMax(x: Tensor, axes: readonly Axis[]): Tensor {
  return axes.reduce((y, { size, stride, dilation, windows }, index) => {
    const axis = index + 1;
    const copies = Array.from({ length: size }, (_, tap) => {
      const begin = tap * dilation;
      return strided(y, axis, begin, begin + (windows - 1) * stride + 1, stride);
    });
    return copies.reduce((a, b) => tf.maximum(a, b));
  }, x);
}

const max =
  (space: number): Operation =>
  (args) =>
    overSpace(args.value('self'), space, (x) => {
      const axes = axesOf(args, x.shape.slice(1, -1));
      const whole = padded(x, axes, lowest);
      return axes.some(({ dilation }) => dilation > 1) ? dilatedMax(whole, axes) : poolSpace(whole, axes, maxPool);
    });

/** Elements of each window of an axis that count. */
function counts({ extent, size, stride, padding, windows }: Axis, includePadding: boolean): number[] {
  return Array.from({ length: windows }, (_, index) => {
    const begin = index * stride - padding;
    const end = Math.min(begin + size, extent + padding);
    return includePadding ? end - begin : Math.min(end, extent) - Math.max(begin, 0);
  });
}

const mean =
  (space: number): Operation =>
  (args) =>
    overSpace(args.value('self'), space, (x) => {
      const axes = axesOf(args, x.shape.slice(1, -1));
      const y = poolSpace(padded(x, axes, 0), axes, avgPool); // sum of the window / its size
      const size = sizeOf(axes.map((axis) => axis.size));
      const divisor = args.maybeInt('divisor_override');
      if (divisor !== undefined) return tf.mul(y, size / divisor);
      return axes.reduce((whole, axis, index) => {
        const factors = counts(axis, args.flag('count_include_pad')).map((count) => axis.size / count);
        if (factors.every((factor) => factor === 1)) return whole;
        const along = whole.shape.map((extent, at) => (at === index + 1 ? extent : 1));
        return tf.mul(whole, tf.tensor(factors, along));
      }, y);
    });

const adaptive =
  (space: number, kind: 'max' | 'average'): Operation =>
  (args) =>
    overSpace(args.value('self'), space, (x) => {
      const sizes = spread(args.ints('output_size') ?? [1], space);
      if (sizes.every((size) => size === 1)) {
        const axes = sizes.map((_, index) => index + 1);
        return kind === 'max' ? tf.max(x, axes, true) : tf.mean(x, axes, true);
      }
      return sizes.reduce(
        (y, size, index) => (y.shape[index + 1] === size ? y : poolAdaptively(y, index + 1, size, kind)),
        x,
      );
    });

export const pooling: Operations = {
  max_pool1d: max(1),
  max_pool2d: max(2),
  max_pool3d: max(3),
  max_pool2d_with_indices: max(2),
  max_pool3d_with_indices: max(3),
  avg_pool1d: mean(1),
  avg_pool2d: mean(2),
  avg_pool3d: mean(3),
  adaptive_avg_pool1d: adaptive(1, 'average'),
  adaptive_avg_pool2d: adaptive(2, 'average'),
  adaptive_avg_pool3d: adaptive(3, 'average'),
  _adaptive_avg_pool2d: adaptive(2, 'average'),
  _adaptive_avg_pool3d: adaptive(3, 'average'),
  adaptive_max_pool1d: adaptive(1, 'max'),
  adaptive_max_pool2d: adaptive(2, 'max'),
  adaptive_max_pool3d: adaptive(3, 'max'),
};
