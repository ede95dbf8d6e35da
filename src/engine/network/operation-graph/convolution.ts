/**
 * Convolutions with PyTorch's kernels [out, in / groups, ...space] and explicit padding, computed with the channels last.
 *
 * TensorFlow pads by its own rules; where they do not agree, the input is padded first and the convolution is 'valid'. A convolution in as many groups as
 * channels is a depthwise one. The adjoint is computed whole and cut to what the padding leaves.
 */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, type Tensor5D, tf } from '../../tf.ts';
import { asImage, asKernel, asRank, pair } from '../layers/conv.ts';
import { spreadKernel } from '../layers/conv-transpose.ts';
import type { Operands, Operations } from './arguments.ts';
import { cut, type Margins, overSpace, padSpace, spread, strided } from './common.ts';
import { Value } from './value.ts';

interface Geometry {
  readonly strides: number[];
  readonly dilation: number[];
  readonly groups: number;
}

/** [out, in, ...space] -> [...space, in, out] */
const lastKernel = (kernel: Tensor): Tensor =>
  tf.transpose(kernel, [...Array.from({ length: kernel.rank - 2 }, (_, axis) => axis + 2), 1, 0]);

function plain(x: Tensor, kernel: Tensor, rule: 'same' | 'valid', { strides, dilation }: Geometry): Tensor {
  const isStrided = strides.some((stride) => stride > 1);
  // TensorFlow takes strides or dilation, not both.
  const whole = isStrided ? spreadKernel(kernel, dilation) : kernel;
  const rates = isStrided ? dilation.map(() => 1) : dilation;
  if (x.rank === 5) {
    type Three = [number, number, number];
    return tf.conv3d(x as Tensor5D, whole as Tensor5D, strides as Three, rule, 'NDHWC', rates as Three);
  }
  return asRank(tf.conv2d(asImage(x), asKernel(whole), pair(strides), rule, 'NHWC', pair(rates)), x.rank);
}

function depthwise(x: Tensor, kernel: Tensor, rule: 'same' | 'valid', { strides, dilation, groups }: Geometry): Tensor {
  const [out, , ...space] = kernel.shape as [number, number, ...number[]];
  const split = tf.reshape(kernel, [groups, out / groups, ...space]); // [c, m, ...space]
  const axes = [...space.map((_, axis) => axis + 2), 0, 1];
  const isStrided = strides.some((stride) => stride > 1);
  const filter = tf.transpose(split, axes);
  const whole = isStrided ? spreadKernel(filter, dilation) : filter;
  const rates = isStrided ? dilation.map(() => 1) : dilation;
  const [step, rate] = [pairOfOne(strides), pairOfOne(rates)];
  return asRank(tf.depthwiseConv2d(asImage(x), asKernel(whole), step, rule, 'NHWC', rate), x.rank);
}

/** The depthwise kernel wants equal numbers on both axes; the second axis of a sequence does not matter. */
const pairOfOne = (values: readonly number[]): [number, number] =>
  values.length === 1 ? [values[0] as number, values[0] as number] : (values as [number, number]);

function convolve(x: Tensor, kernel: Tensor, rule: 'same' | 'valid', geometry: Geometry): Tensor {
  const { groups, strides, dilation } = geometry;
  if (groups === 1) return plain(x, lastKernel(kernel), rule, geometry);
  const isEven = new Set(pairOfOne(strides)).size === 1 && new Set(pairOfOne(dilation)).size === 1;
  if (kernel.shape[1] === 1 && x.shape.at(-1) === groups && x.rank < 5 && isEven)
    return depthwise(x, kernel, rule, geometry);
  const kernels = tf.split(kernel, groups, 0);
  const blocks = tf.split(x, groups, -1).map((block, index) => {
    return plain(block, lastKernel(kernels[index] as Tensor), rule, geometry);
  });
  return tf.concat(blocks, -1);
}

/** Whether TensorFlow's 'same' pads as asked: strides of one, and half of the window, rounded down, before. */
const isSame = (margins: readonly Margins[], sizes: readonly number[], { strides, dilation }: Geometry) =>
  strides.every((stride) => stride === 1) &&
  margins.every(([before, after], axis) => {
    const total = (dilation[axis] as number) * ((sizes[axis] as number) - 1);
    return before + after === total && before === Math.floor(total / 2);
  });

function marginsOf(args: Operands, sizes: readonly number[], dilation: readonly number[]): Margins[] {
  const text = args.maybeText('padding');
  if (text === undefined)
    return spread(args.ints('padding') ?? [0], sizes.length).map((margin): Margins => [margin, margin]);
  return sizes.map((size, axis): Margins => {
    const total = text === 'same' ? (dilation[axis] as number) * (size - 1) : 0;
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  });
}

const withBias = (y: Tensor, bias: Value | undefined): Tensor => (bias ? tf.add(y, bias.tensor) : y);

function conv(args: Operands): Value {
  const [input, weight, bias] = [args.value('input'), args.value('weight'), args.maybe('bias')];
  const sizes = weight.shape.slice(2);
  const space = sizes.length;
  const strides = spread(args.ints('stride') ?? [1], space);
  const dilation = spread(args.ints('dilation') ?? [1], space);
  const geometry = { strides, dilation, groups: args.int('groups') };
  const margins = marginsOf(args, sizes, dilation);
  const same = isSame(margins, sizes, geometry);
  return overSpace(input, space, (x) => {
    const padded = same ? x : padSpace(x, margins);
    const y = weight.applyLinear((kernel) => convolve(padded, kernel, same ? 'same' : 'valid', geometry));
    return withBias(y, bias);
  });
}

function adjointOf(x: Tensor, kernel: Tensor, { strides, dilation }: Geometry): Tensor {
  const axes = Array.from({ length: kernel.rank - 2 }, (_, axis) => axis + 2);
  const whole = spreadKernel(tf.transpose(kernel, [...axes, 1, 0]), dilation); // [...space, out, in]
  const out = whole.shape.at(-2) as number;
  const space = strides.map(
    (stride, axis) => ((x.shape[axis + 1] as number) - 1) * stride + (whole.shape[axis] as number),
  );
  if (x.rank === 5) {
    const shape = [x.shape[0], ...space, out] as [number, number, number, number, number];
    return tf.conv3dTranspose(x as Tensor5D, whole as Tensor5D, shape, strides as [number, number, number], 'valid');
  }
  const [rows, columns] = pair(space);
  const image = asImage(x);
  const shape: [number, number, number, number] = [image.shape[0], rows, columns, out];
  return asRank(tf.conv2dTranspose(image, asKernel(whole), shape, pair(strides), 'valid'), x.rank);
}

/** A margin along an axis: a negative one cuts. */
function trimAxis(x: Tensor, axis: number, before: number, after: number): Tensor {
  const kept = cut(x, axis, before, (x.shape[axis] as number) + Math.min(after, 0));
  if (after <= 0) return kept;
  return tf.pad(
    kept,
    kept.shape.map((_, at): Margins => [0, at === axis ? after : 0]),
  );
}

function convTranspose(args: Operands): Value {
  const [input, weight, bias] = [args.value('input'), args.value('weight'), args.maybe('bias')];
  const space = weight.rank - 2;
  const strides = spread(args.ints('stride') ?? [1], space);
  const dilation = spread(args.ints('dilation') ?? [1], space);
  const padding = spread(args.ints('padding') ?? [0], space);
  const extra = spread(args.ints('output_padding') ?? [0], space);
  const groups = args.int('groups');
  const geometry = { strides, dilation, groups };
  return overSpace(input, space, (x) => {
    const y = weight.applyLinear((kernel) => {
      if (groups === 1) return adjointOf(x, kernel, geometry);
      const kernels = tf.split(kernel, groups, 0);
      const blocks = tf.split(x, groups, -1);
      return tf.concat(
        blocks.map((block, index) => adjointOf(block, kernels[index] as Tensor, geometry)),
        -1,
      );
    });
    const trimmed = padding.reduce(
      (whole, margin, index) => trimAxis(whole, index + 1, margin, (extra[index] as number) - margin),
      y,
    );
    return withBias(trimmed, bias);
  });
}

/** Every `stride`-th element of an axis, `count` of them. */
const every = (x: Tensor, axis: number, begin: number, stride: number, count: number): Tensor =>
  strided(x, axis, begin, begin + (count - 1) * stride + 1, stride);

interface Patches {
  readonly kernel: [number, number];
  readonly dilation: [number, number];
  readonly padding: [number, number];
  readonly stride: [number, number];
}

const patchesOf = (args: Operands): Patches => {
  const two = (name: string) => spread(args.ints(name) ?? [1], 2) as [number, number];
  return { kernel: two('kernel_size'), dilation: two('dilation'), padding: two('padding'), stride: two('stride') };
};

const positions = (extent: number, axis: 0 | 1, { kernel, dilation, padding, stride }: Patches) =>
  Math.floor((extent + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;

/** [n, c, h, w] -> [n, c kh kw, positions] */
function im2col(args: Operands): Value {
  const patches = patchesOf(args);
  const { kernel, dilation, padding, stride } = patches;
  const x = args.tensor('self');
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [rows, columns] = [positions(h, 0, patches), positions(w, 1, patches)];
  const padded = tf.pad(x, [
    [0, 0],
    [0, 0],
    [padding[0], padding[0]],
    [padding[1], padding[1]],
  ]);
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    const band = every(padded, 2, i * dilation[0], stride[0], rows);
    for (let j = 0; j < kernel[1]; j++) taps.push(every(band, 3, j * dilation[1], stride[1], columns));
  }
  const stacked = tf.stack(taps, 2); // [n, c, taps, rows, columns]
  return Value.of(tf.reshape(stacked, [n, c * taps.length, rows * columns]));
}

/** The elements of an axis `stride` apart in an axis of `extent`, the first at `begin`. */
function apart(x: Tensor, axis: number, begin: number, stride: number, extent: number): Tensor {
  const count = x.shape[axis] as number;
  const wide = tf.pad(
    tf.expandDims(x, axis + 1),
    [...x.shape, 0].map((_, i): Margins => [0, i === axis + 1 ? stride - 1 : 0]),
  );
  const flat = tf.reshape(
    wide,
    x.shape.map((size, i) => (i === axis ? count * stride : size)),
  );
  const used = cut(flat, axis, 0, (count - 1) * stride + 1);
  const after = extent - begin - ((count - 1) * stride + 1);
  return tf.pad(
    used,
    x.shape.map((_, i): Margins => (i === axis ? [begin, after] : [0, 0])),
  );
}

/** The adjoint of im2col: patches are added where they overlap. */
function col2im(args: Operands): Value {
  const patches = patchesOf(args);
  const { kernel, dilation, padding, stride } = patches;
  const [h, w] = args.ints('output_size') as [number, number];
  const [rows, columns] = [positions(h, 0, patches), positions(w, 1, patches)];
  const x = args.tensor('self');
  const count = sizeOf(kernel);
  const [n, all] = x.shape as [number, number];
  const taps = tf.unstack(tf.reshape(x, [n, all / count, count, rows, columns]), 2);
  const parts = taps.map((tap, index) => {
    const [i, j] = [Math.floor(index / kernel[1]), index % kernel[1]];
    const tall = apart(tap, 2, i * dilation[0], stride[0], h + 2 * padding[0]);
    return apart(tall, 3, j * dilation[1], stride[1], w + 2 * padding[1]);
  });
  const sum = tf.addN(parts);
  return Value.of(cut(cut(sum, 2, padding[0], padding[0] + h), 3, padding[1], padding[1] + w));
}

export const convolution: Operations = {
  conv1d: conv,
  conv2d: conv,
  conv3d: conv,
  'conv1d.padding': conv,
  'conv2d.padding': conv,
  'conv3d.padding': conv,
  conv_transpose1d: convTranspose,
  conv_transpose2d: convTranspose,
  conv_transpose3d: convTranspose,
  convolution: (args) => (args.flag('transposed') ? convTranspose(args) : conv(args)),
  im2col,
  col2im,
};
