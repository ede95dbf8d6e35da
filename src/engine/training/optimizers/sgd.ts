/**
 * Stochastic gradient descent with momentum.
 *
 *   g' = g + lambda w,   m <- mu m + g',   w <- w - rate m              (Nesterov: w <- w - rate (g' + mu m))
 *
 * Defaults: mu 0.9, no Nesterov, as every published GradInit run trains. The momentum is not damped, as in PyTorch.
 *
 * Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum in deep learning. ICML 2013.
 */
import { type Static, Type } from 'typebox';
import { tf } from '../../tf.ts';
import type { Optimizer } from './optimizer.ts';

const options = Type.Object(
  {
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: 'Decay of the velocity; 0: none.',
    }),
    nesterov: Type.Boolean({ default: false, description: 'Look ahead along the velocity.' }),
  },
  { additionalProperties: false },
);

export const sgd: Optimizer<Static<typeof options>> = {
  name: 'sgd',
  reference: 'Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013',
  options,
  slots: ({ momentum }) => (momentum > 0 ? ['momentum'] : []),
  numbersAt: (rate) => [rate],
  update({ weight, gradient, slots, numbers, rateFactor, weightDecay }, { momentum, nesterov }) {
    const rate = tf.mul(numbers[0] ?? 0, rateFactor);
    const decayed = weightDecay > 0 ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient; // g'
    const [velocity] = slots;
    if (!velocity) return { weight: tf.sub(weight, tf.mul(decayed, rate)), slots: [] };
    const moved = tf.add(tf.mul(velocity, momentum), decayed); // m
    const direction = nesterov ? tf.add(decayed, tf.mul(moved, momentum)) : moved;
    return { weight: tf.sub(weight, tf.mul(direction, rate)), slots: [moved] };
  },
};
