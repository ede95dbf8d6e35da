/**
 * Changes of resolution. Coordinates of PyTorch are read: half_pixel (and pytorch_half_pixel, which differs only for outputs of one place) and align_corners
 * for linear and cubic; asymmetric with floor, and half_pixel with round_prefer_floor, for nearest ones.
 */
import type { Argument, Extent } from '../../../topology/operation-graph/graph.ts';
import type { Call, Translations } from '../call.ts';
import type { OnnxValue, Scalar } from '../values.ts';

const suffixes = ['1d', '2d', '3d'];
const linear = ['linear1d', 'bilinear2d', 'trilinear3d'];

interface Target {
  readonly output_size: Argument;
  readonly scale_factors: Argument;
  readonly extents: readonly Extent[];
}

/** The last entries of a list that has one for each axis; those of batch and channels must change nothing. */
function ofSpace(call: Call, list: readonly Scalar[], space: number, unchanged: readonly unknown[]): readonly Scalar[] {
  const lead = list.slice(0, -space);
  if (lead.some((entry, axis) => typeof entry === 'number' && entry !== unchanged[axis]))
    call.unsupported('resizes the batch or the channels, which is not read');
  return list.slice(-space);
}

function targetOf(call: Call, shape: readonly Extent[], space: number): Target {
  const sizes = call.has(3) ? call.scalars(3, 'its size') : [];
  const own = shape.slice(2);
  if (sizes.length > 0) {
    const output = ofSpace(call, sizes, space, shape);
    return { output_size: output, scale_factors: null, extents: call.extents(output) };
  }
  const scales = call.has(2) ? call.numbers(2, 'its factors') : [];
  if (scales.length === 0) return call.fail('has neither a size nor factors');
  const factors = ofSpace(call, scales, space, [1, 1]) as readonly number[];
  const extents = own.map(
    (extent, axis): Extent => (typeof extent === 'number' ? Math.floor(extent * (factors[axis] as number)) : null),
  );
  return { output_size: null, scale_factors: factors, extents };
}

function resize(call: Call): OnnxValue {
  const x = call.tensor(0);
  const rank = call.rank(x);
  const space = rank - 2;
  if (space < 1 || space > 3) call.unsupported(`resizes ${rank} axes; one to three axes of space are read`);
  call.ignore('extrapolation_value', 'nearest_mode', 'cubic_coeff_a', 'exclude_outside');
  if (call.int('antialias', 0) === 1) call.unsupported('resizes with a filter against aliasing, which is not read');
  if (call.ints('axes') !== undefined) call.unsupported('resizes chosen axes; write the factors of all axes');
  if (call.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    call.unsupported('keeps the ratio of the sides; "stretch" is read');
  const mode = call.text('mode', 'nearest');
  const coordinates = call.text('coordinate_transformation_mode', 'half_pixel');
  const { extents, output_size, scale_factors } = targetOf(call, x.shape ?? [], space);
  const [batch = null, channels = null] = x.shape ?? [];
  const result = { shape: [batch, channels, ...extents] };
  const args = { input: { ref: x.ref }, output_size, scale_factors };
  const wrong = () =>
    call.unsupported(
      `resizes in the mode "${mode}" with the coordinates "${coordinates}", which are not read; PyTorch's are`,
    );
  if (mode === 'nearest') {
    const rounding = call.text('nearest_mode', 'round_prefer_floor');
    if (coordinates === 'asymmetric' && rounding === 'floor')
      return call.emit(`upsample_nearest${suffixes[space - 1]}`, args, result);
    if (
      coordinates === 'half_pixel' &&
      /^round_prefer/.test(rounding) &&
      isWholeFactor(scale_factors, x.shape ?? [], extents)
    )
      return call.emit(`_upsample_nearest_exact${suffixes[space - 1]}`, args, result);
    return wrong();
  }
  const isAligned = coordinates === 'align_corners';
  if (!isAligned && !/half_pixel$/.test(coordinates)) return wrong();
  if (mode === 'cubic' && (space !== 2 || Math.abs(call.float('cubic_coeff_a', -0.75) + 0.75) > 1e-6)) return wrong();
  if (mode !== 'linear' && mode !== 'cubic') return wrong();
  const op = mode === 'cubic' ? 'upsample_bicubic2d' : `upsample_${linear[space - 1]}`;
  return call.emit(op, { ...args, align_corners: isAligned }, result);
}

/** With whole factors no place lies half way between two, so that all ways of rounding agree. */
function isWholeFactor(factors: Argument, shape: readonly Extent[], extents: readonly Extent[]): boolean {
  if (Array.isArray(factors)) return factors.every(Number.isInteger);
  return extents.every((extent, axis) => {
    const own = shape[axis + 2];
    return typeof extent === 'number' && typeof own === 'number' && Number.isInteger(extent / own);
  });
}

export const sampling: Translations = { Resize: resize };
