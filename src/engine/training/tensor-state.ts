/** Tensors as plain JSON and back, bit for bit: base64 of little-endian float32. */
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import { type Tensor, tf } from '../tf.ts';

export interface SavedTensor {
  readonly shape: readonly number[];
  readonly base64: string;
}

export function saveTensor(tensor: Tensor): SavedTensor {
  const { buffer, byteOffset, byteLength } = tensor.dataSync() as Float32Array;
  return { shape: tensor.shape, base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
}

/** Throws CHECKPOINT_MISMATCH when it is not a tensor of `shape`. */
export function restoreTensor(saved: SavedTensor | undefined, shape: readonly number[], name: string): Tensor {
  const bytes = Buffer.from(saved?.base64 ?? '', 'base64');
  if (String(saved?.shape) !== String(shape) || bytes.byteLength !== 4 * sizeOf(shape)) {
    throw new AppError(
      'CHECKPOINT_MISMATCH',
      `the saved tensor ${name} has the shape [${saved?.shape}], expected [${shape}]`,
    );
  }
  // A copy: the bytes of small buffers lie at any offset of a pool.
  return tf.tensor(new Float32Array(Uint8Array.from(bytes).buffer), [...shape], 'float32');
}
