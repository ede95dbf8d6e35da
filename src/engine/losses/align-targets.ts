/** Brings targets to the shape and dtype of the outputs. Nothing here is differentiated. */
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import { type Tensor, tf } from '../tf.ts';

const fail = (outputs: Tensor, targets: Tensor): never => {
  throw new AppError(
    'DATASET_SHAPE_MISMATCH',
    `targets of shape [${targets.shape}] (${targets.dtype}) do not fit outputs of shape [${outputs.shape}]`,
  );
};

const startsWith = (shape: readonly number[], start: readonly number[]) => start.every((n, axis) => shape[axis] === n);

/** int32 [...] to float32 one-hot [..., c] for outputs [..., c]; float32 [..., c] stays. */
export function toDistributions(outputs: Tensor, targets: Tensor): Tensor {
  const classIds = targets.dtype === 'int32' && targets.rank === outputs.rank - 1;
  if (!classIds) return toValues(outputs, targets);
  if (!startsWith(outputs.shape, targets.shape)) return fail(outputs, targets);
  return tf.oneHot(targets, outputs.shape[outputs.rank - 1] ?? 1, 1, 0, 'float32'); // [..., c]
}

/** float32 of the outputs' shape; class ids [n] become one-hot for outputs [n, c], numbers for outputs [n, 1]. */
export function toElements(outputs: Tensor, targets: Tensor): Tensor {
  const oneHot = targets.dtype === 'int32' && targets.rank === 1 && outputs.rank === 2 && outputs.shape[1] !== 1;
  return oneHot ? toDistributions(outputs, targets) : toValues(outputs, targets);
}

function toValues(outputs: Tensor, targets: Tensor): Tensor {
  if (!startsWith(outputs.shape, targets.shape) || sizeOf(targets.shape) !== sizeOf(outputs.shape)) {
    return fail(outputs, targets);
  }
  const values = targets.dtype === 'float32' ? targets : tf.cast(targets, 'float32');
  return targets.rank === outputs.rank ? values : tf.reshape(values, outputs.shape);
}
