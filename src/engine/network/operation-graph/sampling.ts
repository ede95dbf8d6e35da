/**
 * Changes of resolution as products with constant matrices, axis by axis: y = A x.
 *
 *   position of output i in the input   (i + 1/2) / s - 1/2, or i (n - 1) / (m - 1) with aligned corners;  nearest: floor(i / s), 'exact' floor((i + 1/2) / s)
 *   s                                   the factor that was given, else m / n
 *   linear                              1 - |d| between the two neighbours, positions held inside the input
 *   cubic                               Keys' kernel with a = -3/4, neighbours held inside
 */
import { sizeOf } from '../../../ndarray.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat } from './common.ts';
import { Value } from './value.ts';

type Kind = 'nearest' | 'exact' | 'linear' | 'cubic';

const a = -0.75;
const keys = (d: number): number => {
  const x = Math.abs(d);
  if (x >= 2) return 0;
  return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
};

const hold = (place: number, extent: number) => Math.min(Math.max(place, 0), extent - 1);

/** The matrix of one axis, [after, before] row by row. */
function matrix(kind: Kind, before: number, after: number, ratio: number, aligned: boolean): Float32Array {
  const rows = new Float32Array(after * before);
  const add = (i: number, place: number, share: number) => {
    const at = i * before + hold(place, before);
    rows[at] = (rows[at] as number) + share;
  };
  for (let i = 0; i < after; i++) {
    if (kind === 'nearest') add(i, Math.floor(Math.fround(i * Math.fround(ratio))), 1);
    else if (kind === 'exact') add(i, Math.floor((i + 0.5) * ratio), 1);
    else {
      const corner = after > 1 ? (i * (before - 1)) / (after - 1) : 0;
      const centre = aligned ? corner : (i + 0.5) * ratio - 0.5;
      const place = kind === 'linear' ? Math.max(centre, 0) : centre;
      const first = Math.floor(place);
      const share = place - first;
      if (kind === 'linear') {
        add(i, first, 1 - share);
        add(i, first + 1, share);
      } else for (let tap = -1; tap <= 2; tap++) add(i, first + tap, keys(share - tap));
    }
  }
  return rows;
}

/** A over one axis of x. */
function along(x: Tensor, axis: number, rows: Float32Array, after: number): Tensor {
  const before = x.shape[axis] as number;
  const lead = sizeOf(x.shape.slice(0, axis));
  const flat = tf.reshape(x, [lead, before, -1]); // [lead, before, rest]
  const whole = tf.transpose(flat, [1, 0, 2]);
  const y = tf.matMul(tf.tensor2d(rows, [after, before]), tf.reshape(whole, [before, -1]));
  const back = tf.transpose(tf.reshape(y, [after, lead, flat.shape[2] as number]), [1, 0, 2]);
  return tf.reshape(back, [...x.shape.slice(0, axis), after, ...x.shape.slice(axis + 1)]);
}

function sizesOf(args: Operands, extents: readonly number[]): { sizes: number[]; factors: (number | null)[] } {
  const single = ['scales', 'scales_d', 'scales_h', 'scales_w'].flatMap((name) =>
    args.has(name) ? [args.number(name)] : [],
  );
  const factors = args.floats('scale_factors') ?? (single.length === extents.length ? single : undefined);
  const sizes = args.ints('output_size');
  if (sizes) return { sizes, factors: factors ?? sizes.map(() => null) };
  if (!factors) return args.fail('has neither a size nor factors');
  return { sizes: extents.map((extent, axis) => Math.floor(extent * (factors[axis] as number))), factors };
}

const upsample =
  (kind: Kind): Operation =>
  (args) => {
    const x = args.value('input');
    const extents = x.shape.slice(2);
    const { sizes, factors } = sizesOf(args, extents);
    const aligned = args.has('align_corners') && args.flag('align_corners');
    const y = sizes.reduce((whole, after, index) => {
      const before = extents[index] as number;
      const factor = factors[index] ?? null;
      if (before === after && (factor === null || factor === 1)) return whole;
      const ratio = factor === null ? before / after : 1 / factor;
      return along(whole, index + 1, matrix(kind, before, after, ratio, aligned), after);
    }, asFloat(x.last));
    return Value.ofLast(y);
  };

export const sampling: Operations = {
  upsample_nearest1d: upsample('nearest'),
  upsample_nearest2d: upsample('nearest'),
  upsample_nearest3d: upsample('nearest'),
  _upsample_nearest_exact1d: upsample('exact'),
  _upsample_nearest_exact2d: upsample('exact'),
  _upsample_nearest_exact3d: upsample('exact'),
  upsample_linear1d: upsample('linear'),
  upsample_bilinear2d: upsample('linear'),
  upsample_trilinear3d: upsample('linear'),
  upsample_bicubic2d: upsample('cubic'),
};
