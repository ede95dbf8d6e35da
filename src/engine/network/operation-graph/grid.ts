/**
 * Images sampled at given places.
 *
 *   place      (g + 1) (n - 1) / 2 with aligned corners, else ((g + 1) n - 1) / 2, for g in [-1, 1]
 *   bilinear   sum over the four neighbours of (1 - |dx|) (1 - |dy|) x;   nearest: the neighbour that rounding gives
 *   zeros      neighbours outside count 0;   border: places are held inside
 */
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operations } from './arguments.ts';
import { asFloat, asInt } from './common.ts';
import { Value } from './value.ts';

const [bilinear, nearest] = [0, 1];
const [zeros, border] = [0, 1];

const placeOf = (g: Tensor, extent: number, isAligned: boolean): Tensor =>
  isAligned ? tf.mul(tf.add(g, 1), (extent - 1) / 2) : tf.div(tf.sub(tf.mul(tf.add(g, 1), extent), 1), 2);

/** x [n, h w, c] at whole places [n, k], each row in its own image. */
function pick(x: Tensor, row: Tensor, column: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [n, , c] = x.shape as [number, number, number];
  const held = (place: Tensor, extent: number) => tf.clipByValue(place, 0, extent - 1);
  const first = tf.tensor(
    Int32Array.from({ length: n }, (_, i) => i * height * width),
    [n, 1],
    'int32',
  );
  const inside = tf.add(tf.mul(held(row, height), width), held(column, width));
  const at = tf.add(asInt(inside), first);
  const taken = tf.gather(
    tf.reshape(x, [n * height * width, c]),
    tf.reshape(at, [at.size]) as ReturnType<typeof tf.tensor1d>,
  );
  return tf.reshape(taken, [n, at.size / n, c]);
}

const within = (place: Tensor, extent: number) =>
  tf.mul(asFloat(tf.greaterEqual(place, 0)), asFloat(tf.lessEqual(place, extent - 1)));

function gridSample(args: Operands): Value {
  const [input, grid] = [args.value('input'), asFloat(args.tensor('grid'))];
  if (input.rank !== 4) args.fail('samples volumes; images [n, c, h, w] are read');
  const [mode, padding] = [args.int('interpolation_mode'), args.int('padding_mode')];
  if (mode !== bilinear && mode !== nearest) args.fail('samples by cubic curves; bilinear and nearest are read');
  if (padding !== zeros && padding !== border) args.fail('reflects beyond the border; zeros and border are read');
  const [n, c, height, width] = input.shape as [number, number, number, number];
  const [, rows, columns] = grid.shape as [number, number, number];
  const flat = tf.reshape(asFloat(input.last), [n, height * width, c]);
  const [gx, gy] = tf.unstack(tf.reshape(grid, [n, rows * columns, 2]), 2) as [Tensor, Tensor];
  const isAligned = args.flag('align_corners');
  const hold = (place: Tensor, extent: number) => (padding === border ? tf.clipByValue(place, 0, extent - 1) : place);
  const x = hold(placeOf(gx, width, isAligned), width);
  const y = hold(placeOf(gy, height, isAligned), height);
  const at = (row: Tensor, column: Tensor, share: Tensor | null): Tensor => {
    const counted = padding === zeros ? tf.mul(within(row, height), within(column, width)) : null;
    const factor = share && counted ? tf.mul(share, counted) : (share ?? counted);
    const taken = pick(flat, row, column, [height, width]);
    return factor ? tf.mul(taken, tf.expandDims(factor, -1)) : taken;
  };
  const sampled = () => {
    if (mode === nearest) return at(tf.round(y), tf.round(x), null);
    const [left, top] = [tf.floor(x), tf.floor(y)];
    const [dx, dy] = [tf.sub(x, left), tf.sub(y, top)];
    const [right, bottom] = [tf.add(left, 1), tf.add(top, 1)];
    return tf.addN([
      at(top, left, tf.mul(tf.sub(1, dy), tf.sub(1, dx))),
      at(top, right, tf.mul(tf.sub(1, dy), dx)),
      at(bottom, left, tf.mul(dy, tf.sub(1, dx))),
      at(bottom, right, tf.mul(dy, dx)),
    ]);
  };
  return Value.ofLast(tf.reshape(sampled(), [n, rows, columns, c]));
}

/** Places theta (x, y, 1) of the pixels of an image. */
function affineGrid(args: Operands): Value {
  const theta = args.tensor('theta');
  const size = args.ints('size') ?? [];
  if (size.length !== 4) args.fail('makes places in volumes; images are read');
  const [n, , height, width] = size as [number, number, number, number];
  const isAligned = args.flag('align_corners');
  const steps = (extent: number, i: number) => {
    if (isAligned) return extent > 1 ? (2 * i) / (extent - 1) - 1 : 0;
    return (2 * i + 1) / extent - 1;
  };
  const base = new Float32Array(height * width * 3);
  for (let at = 0; at < height * width; at++)
    base.set([steps(width, at % width), steps(height, Math.floor(at / width)), 1], at * 3);
  const places = tf.matMul(tf.reshape(asFloat(theta), [n * 2, 3]), tf.tensor2d(base, [height * width, 3]), false, true);
  const moved = tf.transpose(tf.reshape(places, [n, 2, height * width]), [0, 2, 1]);
  return Value.of(tf.reshape(moved, [n, height, width, 2]));
}

export const grids: Operations = {
  grid_sampler: gridSample,
  grid_sampler_2d: gridSample,
  affine_grid_generator: affineGrid,
};
