/**
 * Adam, with weight decay that is decoupled from the moments (AdamW) or not.
 *
 *   m <- b1 m + (1 - b1) g',   v <- b2 v + (1 - b2) g'^2
 *   w <- w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps) - rate lambda w [decoupled],     g' = g or g + lambda w [not decoupled]
 *
 * Defaults: b1 0.9, b2 0.999, eps 1e-8, not decoupled, as PyTorch's Adam.
 *
 * Kingma, Ba: Adam: A Method for Stochastic Optimization. ICLR 2015, arXiv:1412.6980. Loshchilov, Hutter: Decoupled Weight Decay Regularization.
 * ICLR 2019, arXiv:1711.05101.
 */
import { type Static, Type } from 'typebox';
import { type Scalar, type Tensor, tf } from '../../tf.ts';
import type { Optimizer } from './optimizer.ts';

const options = Type.Object(
  {
    beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Decay of the first moment.' }),
    beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.999, description: 'Decay of the second moment.' }),
    epsilon: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-8,
      description: 'Added to the root of the second moment.',
    }),
    decoupledWeightDecay: Type.Boolean({
      default: false,
      description: 'AdamW: decay the weights themselves, not through the moments.',
    }),
  },
  { additionalProperties: false },
);

export const adam = {
  name: 'adam',
  reference: 'Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, arXiv:1412.6980',
  options,
  slots: () => ['m', 'v'],
  numbersAt: (rate, t, { beta1, beta2 }) => [rate, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)],
  update(
    { weight, gradient, slots, numbers, rateFactor, weightDecay },
    { beta1, beta2, epsilon, decoupledWeightDecay },
  ) {
    const [rate, firstCorrection, secondCorrection] = numbers as [Scalar, Scalar, Scalar];
    const coupled = weightDecay > 0 && !decoupledWeightDecay;
    const g = coupled ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient; // g'
    const [oldM, oldV] = slots as [Tensor, Tensor];
    const m = tf.add(tf.mul(oldM, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(oldV, beta2), tf.mul(tf.square(g), 1 - beta2));
    const root = tf.add(tf.sqrt(tf.mul(v, secondCorrection)), epsilon);
    const direction = tf.div(tf.mul(m, firstCorrection), root);
    const step = weightDecay > 0 && decoupledWeightDecay ? tf.add(direction, tf.mul(weight, weightDecay)) : direction;
    return { weight: tf.sub(weight, tf.mul(step, tf.mul(rate, rateFactor))), slots: [m, v] };
  },
} satisfies Optimizer<Static<typeof options>>;
