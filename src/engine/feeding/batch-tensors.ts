/** Converts batches of samples to tensors. */
import type { Batch } from '../../batch.ts';
import type { NDArray } from '../../ndarray.ts';
import type { BatchTensors } from '../network/loss-gradient.ts';
import { type Tensor, tf } from '../tf.ts';

const toTensor = ({ data, shape, dtype }: NDArray<'float32' | 'int32'>): Tensor => tf.tensor(data, [...shape], dtype);

/** The caller owns the tensors. */
export function toBatchTensors(batch: Batch): BatchTensors {
  return { inputs: batch.inputs.map(toTensor), targets: toTensor(batch.targets) };
}
