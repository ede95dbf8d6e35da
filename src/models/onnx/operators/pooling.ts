/** Pooling. Margins that differ between the sides are padded apart; a mean that leaves them out is divided by the share of the window that exists. */
import type { Argument, Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translate, type Translations } from '../call.ts';
import type { OnnxValue, TensorValue } from '../values.ts';
import { isSymmetric, torchPads, type Windows, windowedSpace, windowsOf } from '../windows.ts';

/** Smaller than every activation; an infinity would make 0 times infinity in derivatives. */
const lowest = -3.4e38;

interface Pool {
  readonly x: TensorValue;
  readonly windows: Windows;
  readonly isCeil: boolean;
  readonly shape: readonly Extent[];
}

function poolOf(call: Call): Pool {
  const x = call.tensor(0);
  const sizes = call.ints('kernel_shape') ?? call.fail('lacks kernel_shape');
  if (sizes.length < 1 || sizes.length > 3) call.unsupported(`pools over ${sizes.length} axes; one to three are read`);
  const space = x.shape?.slice(2) ?? sizes.map(() => null);
  const windows = windowsOf(call, sizes, space);
  const isCeil = call.int('ceil_mode', 0) === 1;
  const [batch = null, channels = null] = x.shape ?? [];
  return { x, windows, isCeil, shape: [batch, channels, ...windowedSpace(windows, space, isCeil)] };
}

const pad = (call: Call, x: TensorValue, { before, after }: Windows, value: number): TensorValue =>
  call.emit('constant_pad_nd', { self: { ref: x.ref }, pad: torchPads(before, after), value });

const argsOf = ({ sizes, strides, before }: Windows, x: TensorValue, isCeil: boolean, isPadded: boolean) => ({
  self: { ref: x.ref },
  kernel_size: sizes,
  stride: strides,
  padding: isPadded ? before.map(() => 0) : before,
  ceil_mode: isCeil,
});

const maxPool: Translate = (call) => {
  call.ignore('storage_order');
  const { x, windows, isCeil, shape } = poolOf(call);
  const isEven = isSymmetric(windows);
  const source = isEven ? x : pad(call, x, windows, lowest);
  const args = { ...argsOf(windows, source, isCeil, !isEven), dilation: windows.dilations };
  return call.emit(`max_pool${windows.sizes.length}d`, args, { shape });
};

const averagePool: Translate = (call) => {
  const { x, windows, isCeil, shape } = poolOf(call);
  const includes = call.int('count_include_pad', 0) === 1;
  if (windows.dilations.some((dilation) => dilation !== 1)) call.unsupported('averages with dilations; only 1 is read');
  const op = `avg_pool${windows.sizes.length}d`;
  if (isSymmetric(windows))
    return call.emit(op, { ...argsOf(windows, x, isCeil, false), count_include_pad: includes }, { shape });
  const mean = (source: TensorValue): TensorValue =>
    call.emit(
      op,
      { ...argsOf(windows, pad(call, source, windows, 0), isCeil, true), count_include_pad: true },
      { shape },
    );
  const sums = mean(x);
  if (includes) return sums;
  const ones = call.emit('ones_like', { self: { ref: x.ref } }, { shape: x.shape });
  return call.emit('div', { self: { ref: sums.ref }, other: { ref: mean(ones).ref } }, { shape });
};

/** Over all of space. */
const globally =
  (op: string): Translate =>
  (call): OnnxValue => {
    const x = call.value(0);
    const rank = call.rank(x);
    const dim: Argument = Array.from({ length: rank - 2 }, (_, index) => index + 2);
    const shape = shapeOf(x)?.map((extent, axis) => (axis < 2 ? extent : 1)) ?? null;
    return call.emit(op, { self: call.ref(0), dim, keepdim: true }, { shape });
  };

export const pooling: Translations = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globally('mean'),
  GlobalMaxPool: globally('amax'),
};
