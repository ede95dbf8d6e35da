/** Converts targets to the shape and dtype of the outputs. Nothing here is differentiated. */
import { ignoredId } from '../../batch.ts';
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

/** int32 [...] becomes one-hot float32 [..., c] for outputs [..., c]; float32 [..., c] is unchanged. */
export function toDistributions(outputs: Tensor, targets: Tensor): Tensor {
  const classIds = targets.dtype === 'int32' && targets.rank === outputs.rank - 1;
  if (!classIds) return toValues(outputs, targets);
  if (!startsWith(outputs.shape, targets.shape)) return fail(outputs, targets);
  return tf.oneHot(targets, outputs.shape[outputs.rank - 1] ?? 1, 1, 0, 'float32'); // [..., c]
}

/** float32 in the shape of the outputs: class ids [...] become one-hot for outputs [..., c], and numbers for outputs [..., 1]. */
export function toElements(outputs: Tensor, targets: Tensor): Tensor {
  const units = outputs.shape[outputs.rank - 1];
  const oneHot = targets.dtype === 'int32' && targets.rank === outputs.rank - 1 && units !== 1;
  return oneHot ? toDistributions(outputs, targets) : toValues(outputs, targets);
}

/**
 * For class ids per position: 1 where there is a label and 0 where the id is `ignoredId`, float32 [..., 1] for outputs [..., c]. Null for one id per
 * sample and for values, where all positions count.
 */
export function labelMask(outputs: Tensor, targets: Tensor): Tensor | null {
  if (targets.dtype !== 'int32' || targets.rank < 2 || targets.rank !== outputs.rank - 1) return null;
  const isLabelled = tf.cast(tf.greaterEqual(targets, ignoredId + 1), 'float32');
  return tf.expandDims(isLabelled, -1);
}

/** The mean over the labelled positions of `losses` [..., c], which are summed over the last axis; 0 where no position has a label. */
export function meanOverLabelled(losses: Tensor, mask: Tensor): Tensor {
  const count = tf.maximum(tf.sum(mask), 1);
  return tf.div(tf.sum(tf.mul(losses, mask)), count); // []
}

function toValues(outputs: Tensor, targets: Tensor): Tensor {
  if (!startsWith(outputs.shape, targets.shape) || sizeOf(targets.shape) !== sizeOf(outputs.shape)) {
    return fail(outputs, targets);
  }
  const values = targets.dtype === 'float32' ? targets : tf.cast(targets, 'float32');
  return targets.rank === outputs.rank ? values : tf.reshape(values, outputs.shape);
}
