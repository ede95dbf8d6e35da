/** Convolutions and their adjoints. Margins that differ between the sides are padded (or cut off) apart. */

import type { Argument, Extent } from '../../../topology/operation-graph/graph.ts';
import type { Call, Translations } from '../call.ts';
import { type OnnxValue, plainNumbers, type TensorValue } from '../values.ts';
import { isSymmetric, torchPads, type Windows, windowedSpace, windowsOf } from '../windows.ts';

const maxSpace = 3;

/** A bias of zeros is none: exporters write one where the module has none. */
function biasOf(call: Call): Argument {
  if (!call.has(2)) return null;
  const bias = call.value(2);
  if (bias.kind === 'known' && plainNumbers(bias)?.every((value) => value === 0)) return null;
  return call.ref(2);
}

interface Kernel {
  readonly x: TensorValue;
  readonly weight: TensorValue;
  readonly sizes: readonly number[];
  readonly space: readonly Extent[];
}

function kernelOf(call: Call): Kernel {
  const [x, weight] = [call.tensor(0), call.tensor(1)];
  const rank = call.rank(weight);
  const count = rank - 2;
  if (count < 1 || count > maxSpace)
    call.unsupported(`has a kernel of ${rank} axes; kernels over one to three axes of space are read`);
  const own = weight.shape?.slice(2).map((extent) => (typeof extent === 'number' ? extent : null)) ?? [];
  const stated = call.ints('kernel_shape');
  const sizes = own.map((extent, axis) => extent ?? stated?.[axis] ?? call.fail('has a kernel of unknown size'));
  if (stated !== undefined && `${stated}` !== `${sizes}`)
    call.fail(`states the kernel size [${stated}], its kernel has [${sizes}]`);
  return { x, weight, sizes, space: x.shape?.slice(2) ?? sizes.map(() => null) };
}

/** x with margins that differ, and the windows that are left to place. */
function padded(call: Call, x: TensorValue, windows: Windows): { x: TensorValue; windows: Windows } {
  if (isSymmetric(windows)) return { x, windows };
  const { before, after } = windows;
  const shape = x.shape?.map((extent, axis): Extent => {
    if (axis < 2 || typeof extent !== 'number') return axis < 2 ? extent : null;
    return extent + (before[axis - 2] as number) + (after[axis - 2] as number);
  });
  const wide = call.emit(
    'constant_pad_nd',
    { self: { ref: x.ref }, pad: torchPads(before, after), value: 0 },
    { shape: shape ?? null },
  );
  const none = before.map(() => 0);
  return { x: wide, windows: { ...windows, before: none, after: none } };
}

function conv(call: Call): OnnxValue {
  const { x: input, weight, sizes, space } = kernelOf(call);
  const all = windowsOf(call, sizes, space);
  const { x, windows } = padded(call, input, all);
  const [batch = null] = input.shape ?? [];
  const out = weight.shape?.[0] ?? null;
  const { strides, dilations, before } = windows;
  return call.emit(
    `conv${sizes.length}d`,
    {
      input: { ref: x.ref },
      weight: { ref: weight.ref },
      bias: biasOf(call),
      stride: strides,
      padding: before,
      dilation: dilations,
      groups: call.int('group', 1),
    },
    { shape: [batch, out, ...windowedSpace(all, space)] },
  );
}

/** What is cut off on either side of the whole adjoint, and added after it. */
function trimsOf(call: Call, windows: Windows, space: readonly Extent[], extra: readonly number[]) {
  const { sizes, strides, dilations } = windows;
  const stated = call.ints('output_shape');
  const rule = call.text('auto_pad', 'NOTSET');
  if (stated === undefined && (rule === 'NOTSET' || rule === 'VALID')) return windows;
  const totals = sizes.map((size, axis) => {
    const [extent, stride] = [space[axis], strides[axis] as number];
    if (typeof extent !== 'number')
      return call.unsupported(
        'chooses its margins by the size of its input, which the file does not state; export it with pads',
      );
    const whole = stride * (extent - 1) + (extra[axis] as number) + (size - 1) * (dilations[axis] as number) + 1;
    return Math.max(whole - (stated?.slice(-sizes.length)[axis] ?? extent * stride), 0);
  });
  const isUpper = rule === 'SAME_UPPER';
  const less = totals.map((total) => Math.floor(total / 2));
  const more = totals.map((total, axis) => total - (less[axis] as number));
  return { ...windows, before: isUpper ? less : more, after: isUpper ? more : less };
}

function convTranspose(call: Call): OnnxValue {
  const { x, weight, sizes, space } = kernelOf(call);
  const rule = call.text('auto_pad', 'NOTSET');
  const groups = call.int('group', 1);
  const given = call.ints('output_padding');
  const extra = given === undefined || given.length === 0 ? sizes.map(() => 0) : given;
  const plain = rule.startsWith('SAME')
    ? {
        ...windowsOf(
          call,
          sizes,
          sizes.map(() => 1),
        ),
      }
    : windowsOf(call, sizes, space);
  const windows = trimsOf(call, plain, space, extra);
  const { strides, dilations, before, after } = windows;
  const [batch = null] = x.shape ?? [];
  const per = weight.shape?.[1];
  const out = typeof per === 'number' ? per * groups : null;
  const whole = space.map((extent, axis): Extent => {
    if (typeof extent !== 'number') return null;
    return (
      (strides[axis] as number) * (extent - 1) +
      (extra[axis] as number) +
      ((sizes[axis] as number) - 1) * (dilations[axis] as number) +
      1
    );
  });
  const cut = (margins: readonly number[], others: readonly number[]) =>
    whole.map(
      (extent, axis): Extent =>
        typeof extent === 'number' ? extent - (margins[axis] as number) - (others[axis] as number) : null,
    );
  const args = (padding: readonly number[]) => ({
    input: { ref: x.ref },
    weight: { ref: weight.ref },
    bias: biasOf(call),
    stride: strides,
    padding,
    output_padding: extra,
    groups,
    dilation: dilations,
  });
  const op = `conv_transpose${sizes.length}d`;
  if (isSymmetric(windows)) return call.emit(op, args(before), { shape: [batch, out, ...cut(before, after)] });
  const y = call.emit(op, args(before.map(() => 0)), { shape: [batch, out, ...whole] });
  const pad = torchPads(before, after).map((margin) => -margin);
  return call.emit(
    'constant_pad_nd',
    { self: { ref: y.ref }, pad, value: 0 },
    { shape: [batch, out, ...cut(before, after)] },
  );
}

export const convolution: Translations = { Conv: conv, ConvTranspose: convTranspose };
