/** Operations that change the shape or order of elements. */
import { type SwapAttributes, squeezedAxes, swapOrder } from '../../../topology/operations/layout.ts';
import { tf } from '../../tf.ts';
import { at, type OperationForward } from './operation-forward.ts';

const expandDims: OperationForward<{ readonly axes: readonly number[] }> = ({ axes }, operands) => {
  const x = operands.one('x');
  const rank = x.rank + axes.length;
  return axes
    .map((axis) => at(axis, rank))
    .sort((a, b) => a - b)
    .reduce((y, axis) => tf.expandDims(y, axis), x);
};

const squeeze: OperationForward<{ readonly axes: readonly number[] | null }> = ({ axes }, operands) => {
  const x = operands.one('x');
  // The first axis is the batch axis, which is not squeezed even if it has one sample.
  const squeezed = squeezedAxes(axes, ['n', ...x.shape.slice(1)]);
  return tf.reshape(
    x,
    x.shape.filter((_, axis) => !squeezed.includes(axis)),
  );
};

const reshape: OperationForward<{ readonly newshape: readonly number[] }> = ({ newshape }, operands) => {
  const x = operands.one('x');
  return tf.reshape(x, [x.shape[0] ?? 1, ...newshape.slice(1)]);
};

const transpose: OperationForward<{ readonly axes: readonly number[] | null }> = ({ axes }, operands) => {
  const x = operands.one('x');
  const order = axes?.map((axis) => at(axis, x.rank)) ?? [...x.shape.keys()].reverse();
  return tf.transpose(x, order);
};

const swapaxes: OperationForward<SwapAttributes> = (attributes, operands) => {
  const x = operands.one('x');
  return tf.transpose(x, swapOrder(attributes, x.rank));
};

const flip: OperationForward<{ readonly axes: readonly number[] }> = ({ axes }, operands) => {
  const x = operands.one('x');
  return tf.reverse(
    x,
    axes.map((axis) => at(axis, x.rank)),
  );
};

const broadcastTo: OperationForward<{ readonly target: readonly (number | null)[] }> = ({ target }, operands) => {
  const x = operands.one('x');
  return tf.add(
    x,
    tf.fill(
      target.map((extent, axis) => (axis === 0 ? (x.shape[0] ?? 1) : (extent ?? x.shape[axis] ?? 1))),
      0,
    ),
  );
};

export const layout = {
  expand_dims: expandDims,
  squeeze,
  reshape,
  transpose,
  swapaxes,
  flip,
  broadcast_to: broadcastTo,
};
