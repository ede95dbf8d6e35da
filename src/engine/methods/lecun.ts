/**
 * LeCun initialisation: preserves unit variance from inputs to outputs, for linear layers and for self-normalising networks.
 *
 *   Var[W] = 1 / fanIn;   normal: N(0, Var[W]), untruncated;   uniform: U(-b, b), b = sqrt(3 / fanIn);   biases 0
 *
 * Defaults: normal, as self-normalising networks (SELU) require; the first paper only specifies "zero mean and standard deviation fanIn^-1/2".
 * Keras' lecun_normal has the same variance but is truncated at two deviations.
 *
 * LeCun, Bottou, Orr, Mueller: Efficient BackProp. In: Neural Networks: Tricks of the Trade, 1998, section 4.6.
 * Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks. NeurIPS 2017, arXiv:1706.02515.
 */
import { Type } from 'typebox';
import { defineMethod } from './method.ts';
import { needsKernel, redrawBy } from './redraw.ts';

const options = Type.Object(
  {
    distribution: Type.Union([Type.Literal('normal'), Type.Literal('uniform')], {
      default: 'normal',
      description: 'Neither is truncated.',
    }),
  },
  { additionalProperties: false },
);

export const lecun = defineMethod({
  name: 'lecun',
  summary: 'Normal or uniform with variance 1 / fan-in, untruncated; biases zero.',
  reference: 'LeCun et al., Efficient BackProp, in Neural Networks: Tricks of the Trade, 1998',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { distribution }, control) {
    return redrawBy(problem, { kind: 'variance-scaling', scale: 1, mode: 'fanIn', distribution }, control);
  },
});
