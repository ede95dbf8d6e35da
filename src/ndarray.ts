/** The array type that all folders exchange: a shape, a dtype and one flat row-major buffer. */
import { AppError } from './errors.ts';

interface Buffers {
  float32: Float32Array;
  int32: Int32Array;
  uint8: Uint8Array;
}

export type DType = keyof Buffers;

export type NDArray<D extends DType = DType> = {
  [K in D]: { readonly shape: readonly number[]; readonly dtype: K; readonly data: Buffers[K] };
}[D];

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Builds an array and checks that the buffer holds exactly the elements of the shape. */
export function ndarray<D extends DType>(dtype: D, shape: readonly number[], data: Buffers[D]): NDArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new AppError('INTERNAL', `an array of shape [${shape}] needs ${sizeOf(shape)} elements, got ${data.length}`);
  }
  return { shape, dtype, data } as NDArray<D>;
}
