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
 * Which positions count: 1, else 0, float32 [..., 1] for outputs [..., c]. Those count that have a label (class ids per position may leave some out, by
 * `ignoredId`) and that the mask of the network, of the first axes, leaves in. Null where all count.
 */
export function countedPositions(outputs: Tensor, targets: Tensor, mask: Tensor | null): Tensor | null {
  const labelled = labelMask(outputs, targets);
  if (mask === null) return labelled;
  const extents = outputs.shape.slice(0, -1).map((extent, axis) => (axis < mask.rank ? extent : 1));
  const isIn = tf.cast(tf.notEqual(tf.cast(mask, 'float32'), 0), 'float32');
  const everywhere = tf.mul(tf.reshape(isIn, [...extents, 1]), tf.ones([...outputs.shape.slice(0, -1), 1]));
  return labelled === null ? everywhere : tf.mul(labelled, everywhere);
}

function labelMask(outputs: Tensor, targets: Tensor): Tensor | null {
  if (targets.dtype !== 'int32' || targets.rank < 2 || targets.rank !== outputs.rank - 1) return null;
  const isLabelled = tf.cast(tf.greaterEqual(targets, ignoredId + 1), 'float32');
  return tf.expandDims(isLabelled, -1);
}

/** The mean of `losses` [..., c] over the positions that count, a sum of the last axis each; 0 where none does. */
export function meanOverCounted(losses: Tensor, counted: Tensor): Tensor {
  const count = tf.maximum(tf.sum(counted), 1);
  return tf.div(tf.sum(tf.mul(losses, counted)), count); // []
}

/** The mean of `losses` [..., c] over all elements of the positions that count; null: of all positions. */
export function meanOfElements(losses: Tensor, counted: Tensor | null): Tensor {
  if (counted === null) return tf.div(tf.sum(losses), losses.size);
  return tf.div(meanOverCounted(losses, counted), losses.shape[losses.rank - 1] ?? 1);
}

function toValues(outputs: Tensor, targets: Tensor): Tensor {
  if (!startsWith(outputs.shape, targets.shape) || sizeOf(targets.shape) !== sizeOf(outputs.shape)) {
    return fail(outputs, targets);
  }
  const values = targets.dtype === 'float32' ? targets : tf.cast(targets, 'float32');
  return targets.rank === outputs.rank ? values : tf.reshape(values, outputs.shape);
}
