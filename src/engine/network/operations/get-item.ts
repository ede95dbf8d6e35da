/** x[key]: one slice (or strided slice) of all axes; then axes with a single index are removed and new axes are inserted. */
import {
  expandKey,
  type GetItemAttributes,
  isWhole,
  type KeyEntry,
  sliceRange,
} from '../../../topology/operations/get-item.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { OperationForward } from './operation-forward.ts';

/** Every `step`-th entry of an axis from `first` on; a negative step goes backwards. */
function take(x: Tensor, axis: number, entry: KeyEntry): Tensor {
  const extent = x.shape[axis] as number;
  const { first, count, step } =
    entry.kind === 'index'
      ? { first: entry.at < 0 ? entry.at + extent : entry.at, count: 1, step: 1 }
      : sliceRange(entry as KeyEntry & { kind: 'slice' }, extent);
  const low = step > 0 ? first : first + (count - 1) * step;
  const span = (count - 1) * Math.abs(step) + 1;
  const [begin, size] = [x.shape.map(() => 0), [...x.shape]];
  begin[axis] = low;
  size[axis] = span;
  const range = tf.slice(x, begin, size);
  const strides = x.shape.map((_, i) => (i === axis ? Math.abs(step) : 1));
  const thinned =
    Math.abs(step) === 1
      ? range
      : tf.stridedSlice(
          range,
          x.shape.map(() => 0),
          range.shape,
          strides,
        );
  return step > 0 ? thinned : tf.reverse(thinned, axis);
}

export const getItem: OperationForward<GetItemAttributes> = ({ key }, operands) => {
  const x = operands.one('x');
  const steps = expandKey(key, x.rank);
  let [y, axis] = [x, 0];
  const shape: number[] = [];
  for (const entry of steps) {
    if (entry.kind === 'new-axis') {
      shape.push(1);
      continue;
    }
    if (!isWhole(entry)) y = take(y, axis, entry);
    if (entry.kind !== 'index') shape.push(y.shape[axis] as number);
    axis += 1;
  }
  return tf.reshape(y, shape);
};
