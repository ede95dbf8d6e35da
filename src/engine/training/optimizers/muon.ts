/**
 * Muon: momentum whose matrices are orthogonalised; vectors and scalars are updated by Adam with decoupled decay, at the same rate.
 *
 *   matrices   m <- mu m + g,   w <- w - rate (0.2 sqrt(max(rows, columns)) O(g + mu m) + lambda w),   O: ../../ops/orthogonalize.ts
 *   others     AdamW (./adam.ts) with b1 0.9, b2 0.95
 *
 * Default mu 0.95. The factor gives both kinds of updates the root mean square of Adam's, so that one rate suits both.
 *
 * Jordan et al.: Muon. 2024. Liu et al.: Muon is Scalable for LLM Training. 2025, arXiv:2502.16982.
 */
import { type Static, Type } from 'typebox';
import { matrixShape, muonFactor, orthogonalize } from '../../ops/orthogonalize.ts';
import { type Scalar, type Tensor, tf } from '../../tf.ts';
import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';

const options = Type.Object(
  { momentum: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.95, description: 'Of the matrices.' }) },
  { additionalProperties: false },
);

const adamOptions = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decoupledWeightDecay: true };

export const muon: Optimizer<Static<typeof options>> = {
  name: 'muon',
  reference: 'Jordan et al., Muon, 2024; Liu et al., Muon is Scalable for LLM Training, 2025, arXiv:2502.16982',
  options,
  /** Matrices use only the first slot. */
  slots: () => ['m', 'v'],
  numbersAt: (rate, t) => adam.numbersAt(rate, t, adamOptions),
  update(param, { momentum }) {
    const { weight, gradient, slots, numbers, rateFactor, weightDecay } = param;
    const matrix = matrixShape(weight.shape);
    if (!matrix) return adam.update(param, adamOptions);
    const [old, unused] = slots as [Tensor, Tensor];
    const moved = tf.add(tf.mul(old, momentum), gradient); // m
    const direction = tf.mul(orthogonalize(tf.add(gradient, tf.mul(moved, momentum))), muonFactor(matrix));
    const step = weightDecay > 0 ? tf.add(direction, tf.mul(weight, weightDecay)) : direction;
    const rate = tf.mul(numbers[0] as Scalar, rateFactor);
    return { weight: tf.sub(weight, tf.mul(step, rate)), slots: [moved, tf.clone(unused)] };
  },
};
