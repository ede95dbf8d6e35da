/** Sums and differences: the gradient is the cotangent, summed over broadcast axes. */
import { tf } from '../tf.ts';
import { listRule, rule } from './rule.ts';
import { sumToShape } from './sum-to-shape.ts';

export const add = rule('Add', ['a', 'b'], (dy, { a, b }) => ({
  a: () => sumToShape(dy, a.shape),
  b: () => sumToShape(dy, b.shape),
}));

export const sub = rule('Sub', ['a', 'b'], (dy, { a, b }) => ({
  a: () => sumToShape(dy, a.shape),
  b: () => tf.neg(sumToShape(dy, b.shape)),
}));

export const addN = listRule('AddN', (dy, inputs) => inputs.map(() => () => tf.clone(dy)));

export const neg = rule('Neg', [], (dy) => ({ x: () => tf.neg(dy) }));
