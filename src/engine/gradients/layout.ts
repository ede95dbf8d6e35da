/** Kernels that rearrange elements; each gradient applies the inverse rearrangement. */
import { tf } from '../tf.ts';
import { listRule, outputsRule, rule } from './rule.ts';

export const identity = rule('Identity', [], (dy) => ({ x: () => tf.clone(dy) }));

/** Only float32 has a derivative: a cast to integers or booleans is constant almost everywhere. */
export const cast = rule('Cast', [], (dy, _, { dtype }: { dtype: string }) => ({
  x: () => (dtype === 'float32' ? tf.clone(dy) : tf.fill(dy.shape, 0)),
}));

export const reshape = rule('Reshape', ['x'], (dy, { x }) => ({ x: () => tf.reshape(dy, x.shape) }));
export const expandDims = rule('ExpandDims', ['input'], (dy, { input }) => ({
  input: () => tf.reshape(dy, input.shape),
}));

export const transpose = rule('Transpose', [], (dy, _, { perm }: { perm: number[] }) => ({
  x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
}));

export const reverse = rule('Reverse', [], (dy, _, { dims }: { dims: number | number[] }) => ({
  x: () => tf.reverse(dy, dims),
}));

/** All inputs are gradients of one split. Slicing for each input would make the second derivative a padding per input, instead of one concatenation. */
export const concat = listRule('Concat', (dy, inputs, { axis }: { axis: number }) => {
  const [along = 0] = tf.util.parseAxisParam(axis, dy.shape);
  const parts = tf.split(
    dy,
    inputs.map((input) => input.shape[along] ?? 0),
    along,
  );
  return parts.map((part) => () => part);
});

export const splitV = outputsRule('SplitV', (dys, { axis }: { axis: number }) => ({
  x: () => tf.concat([...dys], axis),
}));

export const pack = listRule('Pack', (dy, _, { axis }: { axis: number }) =>
  tf.unstack(dy, axis).map((part) => () => part),
);

export const unpack = outputsRule('Unpack', (dys, { axis }: { axis: number }) => ({
  value: () => tf.stack([...dys], axis),
}));
