/**
 * AdamW: Adam with weight decay that does not enter the moments (./adam.ts).
 *
 * Defaults: b1 0.9, b2 0.999, eps 1e-8.
 *
 * Loshchilov, Hutter: Decoupled Weight Decay Regularization. ICLR 2019, arXiv:1711.05101.
 */
import { type Static, Type } from 'typebox';
import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';

const { beta1, beta2, epsilon } = adam.options.properties;
const options = Type.Object({ beta1, beta2, epsilon }, { additionalProperties: false });

export const adamw: Optimizer<Static<typeof options>> = {
  name: 'adamw',
  reference: 'Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, arXiv:1711.05101',
  options,
  slots: () => ['m', 'v'],
  numbersAt: (rate, t, given) => adam.numbersAt(rate, t, { ...given, decoupledWeightDecay: true }),
  update: (param, given) => adam.update(param, { ...given, decoupledWeightDecay: true }),
};
