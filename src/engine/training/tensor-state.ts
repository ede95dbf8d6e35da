/** Converts float32 tensors to arrays and back without loss. */
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { type Tensor, tf } from '../tf.ts';

/** A copy of a tensor's values. */
export const saveTensor = (tensor: Tensor): NDArray<'float32'> =>
  ndarray('float32', tensor.shape, (tensor.dataSync() as Float32Array).slice());

/** The tensor of a saved array. Throws CHECKPOINT_MISMATCH when it is not a float32 array of `shape`. */
export function restoreTensor(saved: NDArray | undefined, shape: readonly number[], name: string): Tensor {
  if (saved?.dtype === 'float32' && saved.data instanceof Float32Array && String(saved.shape) === String(shape))
    return tf.tensor(saved.data.slice(), [...shape], 'float32');
  throw new AppError(
    'CHECKPOINT_MISMATCH',
    `the saved tensor ${name} has the shape [${saved?.shape}], expected [${shape}]`,
  );
}
