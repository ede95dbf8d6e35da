/**
 * Lion: the sign of an interpolated momentum.
 *
 *   w <- w - rate (sign(b1 m + (1 - b1) g) + lambda w),   m <- b2 m + (1 - b2) g
 *
 * Defaults: b1 0.9, b2 0.99; the usual rate is a third to a tenth of Adam's.
 *
 * Chen et al.: Symbolic Discovery of Optimization Algorithms. NeurIPS 2023, arXiv:2302.06675.
 */
import { type Static, Type } from 'typebox';
import { type Tensor, tf } from '../../tf.ts';
import type { Optimizer } from './optimizer.ts';

const options = Type.Object(
  {
    beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Interpolation of the step.' }),
    beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.99, description: 'Decay of the momentum.' }),
  },
  { additionalProperties: false },
);

export const lion: Optimizer<Static<typeof options>> = {
  name: 'lion',
  reference: 'Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023, arXiv:2302.06675',
  options,
  slots: () => ['momentum'],
  numbersAt: (rate) => [rate],
  update({ weight, gradient, slots, numbers, rateFactor, weightDecay }, { beta1, beta2 }) {
    const old = slots[0] as Tensor;
    const sign = tf.sign(tf.add(tf.mul(old, beta1), tf.mul(gradient, 1 - beta1)));
    const step = weightDecay > 0 ? tf.add(sign, tf.mul(weight, weightDecay)) : sign;
    const rate = tf.mul(numbers[0] as Tensor, rateFactor);
    const momentum = tf.add(tf.mul(old, beta2), tf.mul(gradient, 1 - beta2));
    return { weight: tf.sub(weight, tf.mul(step, rate)), slots: [momentum] };
  },
};
