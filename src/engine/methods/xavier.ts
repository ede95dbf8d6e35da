/**
 * Xavier (Glorot) initialisation: the compromise between preserving the variance of activations (fan-in) and of gradients (fan-out).
 *
 *   Var[W] = gain^2 2 / (fanIn + fanOut);   uniform: U(-b, b), b = gain sqrt(6 / (fanIn + fanOut));   normal: untruncated;   biases 0
 *
 * Defaults: uniform and gain 1, the paper's "normalized initialization" (its formula 16). Keras' glorot_normal is truncated at two deviations.
 * Fans are counted as Keras counts them: of all gates together for recurrent kernels, of all heads together for attention kernels.
 *
 * Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks. AISTATS 2010.
 */
import { Type } from 'typebox';
import { defineMethod } from './method.ts';
import { needsKernel, redrawBy } from './redraw.ts';

const options = Type.Object(
  {
    distribution: Type.Union([Type.Literal('uniform'), Type.Literal('normal')], {
      default: 'uniform',
      description: 'Neither is truncated.',
    }),
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 1,
      description: 'Multiplies the standard deviation; sqrt(2) makes up for ReLU.',
    }),
  },
  { additionalProperties: false },
);

export const xavier = defineMethod({
  name: 'xavier',
  summary: 'Glorot uniform or normal by the mean of fan-in and fan-out, untruncated; biases zero.',
  reference:
    'Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { distribution, gain }, control) {
    return redrawBy(problem, { kind: 'variance-scaling', scale: gain ** 2, mode: 'fanAvg', distribution }, control);
  },
});
