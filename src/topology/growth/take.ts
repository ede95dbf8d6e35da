/** Gathers a tensor from another one along all axes: out[i, j, ...] = in[a(i), b(j), ...], multiplied by factors of the positions. */
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';

/** For one axis: the source index of every position, and a factor. */
export interface AxisTake {
  readonly index: ArrayLike<number>;
  /** One factor per position; absent: 1. */
  readonly factor?: ArrayLike<number>;
}

/** @param takes one per axis of `tensor` */
export function take(tensor: NDArray<'float32'>, takes: readonly AxisTake[]): NDArray<'float32'> {
  const shape = takes.map(({ index }) => index.length);
  const data = new Float32Array(sizeOf(shape));
  let at = 0;
  const fill = (axis: number, from: number, factor: number): void => {
    if (axis === takes.length) {
      data[at++] = factor * (tensor.data[from] as number);
      return;
    }
    const { index, factor: factors } = takes[axis] as AxisTake;
    const extent = tensor.shape[axis] as number;
    for (let position = 0; position < index.length; position++)
      fill(axis + 1, from * extent + (index[position] as number), factor * (factors?.[position] ?? 1));
  };
  fill(0, 0, 1);
  return ndarray('float32', shape, data);
}

/** Reads a whole axis in its order. */
export const everything = (extent: number): AxisTake => ({ index: Int32Array.from({ length: extent }, (_, i) => i) });
