/**
 * Kaiming (He) initialisation: the variance that preserves the second moment of activations (fan-in) or gradients (fan-out) through ReLU layers.
 *
 *   Var[W] = gain^2 / fan;   normal: N(0, Var[W]), untruncated;   uniform: U(-b, b), b = gain sqrt(3 / fan);   biases 0
 *
 * Defaults: normal, fan-out, gain sqrt(2), from which the GradInit experiments start. he_normal of Keras is fan-in and truncated.
 *
 * He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015, arXiv:1502.01852.
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
    mode: Type.Union([Type.Literal('fanIn'), Type.Literal('fanOut')], {
      default: 'fanOut',
      description: 'Keep activations (fanIn) or gradients (fanOut).',
    }),
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: Math.SQRT2,
      description: 'sqrt(2) for ReLU, 1 for linear layers.',
    }),
  },
  { additionalProperties: false },
);

export const kaiming = defineMethod({
  name: 'kaiming',
  summary: 'He normal or uniform, fan-in or fan-out, untruncated; biases zero.',
  reference: 'He et al., Delving Deep into Rectifiers, ICCV 2015, arXiv:1502.01852',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { distribution, mode, gain }, control) {
    return redrawBy(problem, { kind: 'variance-scaling', scale: gain ** 2, mode, distribution }, control);
  },
});
