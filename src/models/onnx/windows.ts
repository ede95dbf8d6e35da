/**
 * Windows over the space of [n, c, ...space] as ONNX states them: sizes, strides, dilations and margins, given or chosen by auto_pad.
 *
 *   SAME_UPPER, SAME_LOWER   ceil(extent / stride) windows; what is missing is added on both sides, the odd one after (before)
 */
import type { Extent } from '../../topology/operation-graph/graph.ts';
import type { Call } from './call.ts';

export interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const listOf = (call: Call, name: string, count: number, fallback: number): readonly number[] => {
  const list = call.ints(name);
  if (list === undefined || list.length === 0) return Array.from({ length: count }, () => fallback);
  return list.length === count ? list : call.fail(`has ${list.length} ${name} for ${count} axes`);
};

/** Margins of auto_pad for one axis. */
function sameMargins(call: Call, extent: Extent, span: number, stride: number, isUpper: boolean): [number, number] {
  if (stride !== 1 && typeof extent !== 'number')
    return call.unsupported(
      'pads to keep the size (auto_pad) of an input whose size the file does not state; export it with a fixed size, or with pads',
    );
  const total =
    stride === 1
      ? span - 1
      : Math.max((Math.ceil((extent as number) / stride) - 1) * stride + span - (extent as number), 0);
  const less = Math.floor(total / 2);
  return isUpper ? [less, total - less] : [total - less, less];
}

/** @param sizes of the windows; @param space extents of the input's space */
export function windowsOf(call: Call, sizes: readonly number[], space: readonly Extent[]): Windows {
  const count = sizes.length;
  const strides = listOf(call, 'strides', count, 1);
  const dilations = listOf(call, 'dilations', count, 1);
  const pads = listOf(call, 'pads', 2 * count, 0);
  const rule = call.text('auto_pad', 'NOTSET');
  if (rule === 'NOTSET') return { sizes, strides, dilations, before: pads.slice(0, count), after: pads.slice(count) };
  if (rule === 'VALID') return { sizes, strides, dilations, before: sizes.map(() => 0), after: sizes.map(() => 0) };
  if (rule !== 'SAME_UPPER' && rule !== 'SAME_LOWER')
    return call.fail(`has the auto_pad "${rule}", which is not known`);
  const margins = sizes.map((size, axis) => {
    const span = (dilations[axis] as number) * (size - 1) + 1;
    return sameMargins(call, space[axis] ?? null, span, strides[axis] as number, rule === 'SAME_UPPER');
  });
  return { sizes, strides, dilations, before: margins.map(([a]) => a), after: margins.map(([, b]) => b) };
}

export const isSymmetric = ({ before, after }: Windows): boolean => `${before}` === `${after}`;

/** Margins as PyTorch lists them, the last axis first. */
export const torchPads = (before: readonly number[], after: readonly number[]): number[] =>
  before
    .map((margin, axis) => [margin, after[axis] as number])
    .reverse()
    .flat();

/** Extents of the space behind windows; null where they follow from symbols. */
export function windowedSpace(windows: Windows, space: readonly Extent[], isCeil = false): Extent[] {
  const { sizes, strides, dilations, before, after } = windows;
  return sizes.map((size, axis): Extent => {
    const extent = space[axis];
    if (typeof extent !== 'number') return null;
    const stride = strides[axis] as number;
    const room =
      extent + (before[axis] as number) + (after[axis] as number) - (dilations[axis] as number) * (size - 1) - 1;
    const count = (isCeil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return isCeil && (count - 1) * stride >= extent + (before[axis] as number) ? count - 1 : count;
  });
}
