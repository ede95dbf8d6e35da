/**
 * GradInit: one scale per parameter tensor, tuned so that the first optimizer step helps most.
 *
 *   min over alpha of  L(theta - eta A[g]; S~)   subject to   ||g||_A <= gamma,      theta_i = alpha_i W_i,  g = dL/dtheta on S
 *   A[g] = g / ||g||_2 or g (sgd), sign(g) (adam);  ||.||_A = L2 (sgd), L1 (adam);  solved by one Adam step per mini-batch on the branch
 *   that the norm asks for (../scales/steps.ts, ../optimizers/rescale-adam.ts)
 *
 * Defaults are those of the authors' released code: its CIFAR options for the flavour 'cifar', its fairseq options for 'fairseq'. The published launch
 * scripts set more (gamma 1, normalizeGradient, a learning rate for each network: docs/methods.md).
 * Differs from the released code only in what cannot be seen in its numbers: scales are explicit variables instead of weights rescaled in place,
 * the objective branch builds no second-order graph.
 *
 * Zhu, Ni, Xu, Kong, Huang, Goldstein: GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training. NeurIPS 2021,
 * arXiv:2102.08098.
 */
import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { betweenIterations, defineMethod, type Problem, type RunControl } from './method.ts';

const options = Type.Object(
  {
    flavour: Type.Union([Type.Literal('cifar'), Type.Literal('fairseq')], {
      default: 'cifar',
      description: 'Which of the two released loops: batches in halves and a shared second moment, or thirds and separate ones.',
    }),
    optimizer: Type.Optional(
      Type.Union([Type.Literal('sgd'), Type.Literal('adam')], { description: 'The optimizer whose first step is simulated. Default: sgd (cifar), adam (fairseq).' }),
    ),
    eta: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Length of the simulated step. Default: 0.1 (cifar), 5e-4 (fairseq).' })),
    gamma: Type.Optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
        description: 'Bound on the gradient norm (L2 for sgd, L1 for adam); null: none. Default: null (cifar), 1000 (fairseq).',
      }),
    ),
    normalizeGradient: Type.Boolean({ default: false, description: 'sgd only: step along g / ||g|| instead of g. All published launch scripts set it.' }),
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'Of the Adam that tunes the scales.' }),
    iterations: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 390, description: 'Constraint and objective iterations both count.' }),
    batchSize: Type.Integer({ minimum: 2, maximum: 1_000_000, default: 128, description: 'Samples of S (cifar: two halves) or of one draw (fairseq).' }),
    overlap: Type.Boolean({ default: true, description: 'cifar: S~ shares its first half with S; false draws two fresh halves.' }),
    minScale: Type.Number({ minimum: 0, default: 0.01, description: 'Lower bound on the scales of weights; biases have 0.' }),
    gradientClip: Type.Number({ minimum: 0, default: 1, description: 'Bound on the gradient of each scale; 0: none.' }),
    beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'First-moment decay of the scale optimizer.' }),
    beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.999, description: 'Second-moment decay of the scale optimizer.' }),
    adamEpsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'Added to the root of the second moment.' }),
    layerNormLearningRate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'fairseq: rate for the gains of layer normalisations. Default: learningRate.' }),
    ),
    layerNormMaxScale: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'fairseq: upper bound on the scales of those gains. Default: none.' }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

/** Defaults that depend on the flavour, as the two released loops have them. */
function resolve(given: Options) {
  const flavourDefaults = given.flavour === 'fairseq' ? { optimizer: 'adam', eta: 5e-4, gamma: 1000 } as const : { optimizer: 'sgd', eta: 0.1, gamma: null } as const;
  return { ...flavourDefaults, ...given };
}

/** The loop and everything it needs. TensorFlow is loaded here, not with the file. */
async function createSearch(problem: Problem, given: Options, control: RunControl) {
  const { createSampleScaleSearch } = await import('../scales/sample-scale-search.ts');
  const resolved = resolve(given);
  const { samples, loss } = problem;
  if (!samples || !loss) throw new AppError('DATASET_NOT_FOUND', 'gradinit needs a dataset');
  const fairseq = resolved.flavour === 'fairseq';
  const gainBounds = { rate: given.layerNormLearningRate ?? given.learningRate, lower: given.minScale, upper: given.layerNormMaxScale ?? Infinity };
  return createSampleScaleSearch(problem, samples, loss, control, {
    method: 'gradinit',
    norm: resolved.optimizer === 'sgd' ? 'l2' : 'l1',
    boundsOf: (param, { layerNormGain }) => {
      if (fairseq && layerNormGain) return gainBounds;
      return { rate: given.learningRate, lower: param.group === 'bias' ? 0 : given.minScale, upper: Infinity };
    },
    draws: { kind: fairseq ? 'thirds' : 'halves', overlap: given.overlap, batchSize: given.batchSize },
    search: {
      gamma: resolved.gamma ?? Infinity,
      eta: resolved.eta,
      normalize: given.normalizeGradient,
      adam: {
        beta1: given.beta1,
        beta2: given.beta2,
        epsilon: given.adamEpsilon,
        gradientClip: given.gradientClip,
        secondMoment: fairseq ? 'separate' : 'shared',
      },
    },
  });
}

export const gradinit = defineMethod({
  name: 'gradinit',
  summary: 'Tunes one scale per parameter tensor so that the first optimizer step lowers the loss most, under a bound on the gradient norm.',
  reference: 'Zhu et al., GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training, NeurIPS 2021, arXiv:2102.08098',
  options,
  needsSamples: true,
  iterative: true,
  secondOrder: true,
  applicability: (topology) =>
    topology.layers.some((layer) => layer.params.some((param) => param.group !== 'none'))
      ? { applicable: true }
      : { applicable: false, reason: 'the topology has no trainable parameter' },
  async run(problem, given, control) {
    const search = await createSearch(problem, given, control);
    try {
      while (search.iteration() < given.iterations) {
        await betweenIterations(control.signal);
        search.iterate(given.iterations);
      }
      return search.result();
    } finally {
      search.dispose();
    }
  },
});
