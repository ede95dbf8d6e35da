/**
 * RMSProp: the gradient divided by the root of its running mean square.
 *
 *   g' = g + lambda w,   v <- a v + (1 - a) g'^2,   w <- w - rate g' / (sqrt(v) + eps)
 *
 * Defaults: a 0.99, eps 1e-8, no momentum, not centred, as PyTorch's.
 *
 * Tieleman, Hinton: Lecture 6.5, RMSProp. COURSERA: Neural Networks for Machine Learning, 2012.
 */
import { type Static, Type } from 'typebox';
import { type Tensor, tf } from '../../tf.ts';
import type { Optimizer } from './optimizer.ts';

const options = Type.Object(
  {
    decay: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.99, description: 'Decay of the mean square.' }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'Added to the root of the mean square.' }),
  },
  { additionalProperties: false },
);

export const rmsprop: Optimizer<Static<typeof options>> = {
  name: 'rmsprop',
  reference: 'Tieleman and Hinton, Lecture 6.5, RMSProp, 2012',
  options,
  slots: () => ['v'],
  numbersAt: (rate) => [rate],
  update({ weight, gradient, slots, numbers, rateFactor, weightDecay }, { decay, epsilon }) {
    const g = weightDecay > 0 ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient; // g'
    const v = tf.add(tf.mul(slots[0] as Tensor, decay), tf.mul(tf.square(g), 1 - decay));
    const rate = tf.mul(numbers[0] as Tensor, rateFactor);
    return { weight: tf.sub(weight, tf.mul(tf.div(g, tf.add(tf.sqrt(v), epsilon)), rate)), slots: [v] };
  },
};
