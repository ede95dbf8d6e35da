/** Options shared by the methods that tune scales by RescaleAdam (../search/optimizers/rescale-adam.ts). Defaults are those of GradInit's released code. */
import { Type } from 'typebox';

const decay = { minimum: 0, exclusiveMaximum: 1 } as const;

/** Options of all these methods. */
export const scaleOptions = {
  minScale: Type.Number({
    minimum: 0,
    default: 0.01,
    description: 'Lower bound on the scales of weights; biases have 0.',
  }),
  beta1: Type.Number({ ...decay, default: 0.9, description: 'First-moment decay of the scale optimizer.' }),
  adamEpsilon: Type.Number({
    exclusiveMinimum: 0,
    default: 1e-8,
    description: 'Added to the root of the second moment.',
  }),
};

/** Options of the methods whose optimizer has one set of defaults; those of GradInit depend on its flavour. */
export const plainScaleOptions = {
  ...scaleOptions,
  gradientClip: Type.Number({ minimum: 0, default: 1, description: 'Bound on the gradient of each scale; 0: none.' }),
  beta2: Type.Number({ ...decay, default: 0.999, description: 'Second-moment decay of the scale optimizer.' }),
};

/** The option for the learning rate of the scales. */
export const scaleRate = (preset: number) =>
  Type.Number({ exclusiveMinimum: 0, default: preset, description: 'Of the Adam that tunes the scales.' });

interface PlainScaleOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly adamEpsilon: number;
  readonly gradientClip: number;
}

/** The optimizer for these options; all scales share one second moment. */
export const plainAdam = ({ beta1, beta2, adamEpsilon: epsilon, gradientClip }: PlainScaleOptions) => ({
  beta1,
  beta2,
  epsilon,
  gradientClip,
  secondMoment: 'shared' as const,
});
