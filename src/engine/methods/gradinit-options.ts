/** The options of GradInit. Sources of the defaults: ./gradinit-presets.ts and ../search/gradinit/first-steps.ts; interpretation: ./gradinit-settings.ts. */
import { type Static, Type } from 'typebox';
import { firstStepNames } from '../search/gradinit/first-steps.ts';
import { scaleOptions } from './scale-options.ts';

const search = Type.Object(
  {
    radii: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), {
      minItems: 1,
      maxItems: 16,
      default: [0.1, 0.35, 1.2, 4, 12, 40],
      description: 'Candidates: rate x iterations, which bounds how far a scale moves from 1.',
    }),
    rateFactors: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), {
      minItems: 1,
      maxItems: 8,
      uniqueItems: true,
      default: [0.3, 1, 3],
      description: 'Training rates that candidates are measured at, as factors on trainingRate; 1 must be one of them.',
    }),
    shortHorizon: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 32,
      description: 'Steps of the first trainings.',
    }),
    longHorizon: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 128,
      description: 'Steps of the last trainings.',
    }),
    seeds: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 2,
      description: 'Last trainings of a candidate, each paired with one of scale 1.',
    }),
    finalists: Type.Integer({ minimum: 1, maximum: 16, default: 2, description: 'Radii that get last trainings.' }),
    heldOutBatches: Type.Integer({
      minimum: 2,
      maximum: 64,
      default: 4,
      description: 'Batches that are not trained on and that every training is measured on.',
    }),
    gate: Type.Boolean({
      default: true,
      description: 'Keep scale 1 without a search where the network is well conditioned at the rate that will train.',
    }),
    minNormalizationScale: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'Lower bound on the scales of the gains of normalisation layers.',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'How learningRate auto searches.',
  },
);
export type SearchOptions = Static<typeof search>;

export const gradinitOptions = Type.Object(
  {
    preset: Type.Enum(['published', 'released'], {
      default: 'published',
      description:
        'Where defaults come from: the published experiments, or the option parser of the released code, which they override.',
    }),
    flavour: Type.Enum(['cifar', 'fairseq'], {
      default: 'cifar',
      description:
        'Which of the two released loops: batches in halves and a shared second moment, or thirds and separate ones.',
    }),
    optimizer: Type.Optional(
      Type.Enum([...firstStepNames, 'any'], {
        description:
          'The optimizer that will train: its first step is simulated, and it trains in searches. any: those of anyOf. Default: sgd (cifar), adam (fairseq).',
      }),
    ),
    anyOf: Type.Optional(
      Type.Array(
        Type.Object(
          {
            optimizer: Type.Enum([...firstStepNames]),
            eta: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
            gamma: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()])),
          },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: 6,
          description: 'any only: the optimizers, each with its eta and gamma. Default: sgd and adam.',
        },
      ),
    ),
    eta: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Length of the simulated step. Default: 0.1 for sgd, that of the preset or 1e-3 for the others (lion: 1e-4).',
      }),
    ),
    gamma: Type.Optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
        description:
          'Bound on the gradient norm that belongs to the step (L2 for sgd, L1 for sign steps, nuclear for muon); null: none. Default: 1 for sgd (released: null), 1000 for the others.',
      }),
    ),
    normalizeGradient: Type.Optional(
      Type.Boolean({
        description: 'sgd only: step along g / ||g|| instead of g. Default: true (released: false).',
      }),
    ),
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: 'sgd only: of the trainings of a search, and of the first step where nesterov is set.',
    }),
    nesterov: Type.Boolean({ default: false, description: 'sgd only: the training looks ahead along its velocity.' }),
    trainingRate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'auto: the rate that will train. Default: eta.' }),
    ),
    learningRate: Type.Optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('auto')], {
        description:
          'Of the Adam that tunes the scales. auto: searches for a radius, or keeps scale 1 where nothing is needed; see search. Default: auto (fairseq: 2.5e-3; released: 1e-3).',
      }),
    ),
    search,
    learningRateMultipliers: Type.Boolean({
      default: false,
      description:
        'Report the factors on the training rate that undo what the scales do to the relative step of every tensor, and train with them where the job trains.',
    }),
    iterations: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Constraint and objective iterations both count; candidates of a search get a share. Default: 390 (fairseq: 780).',
      }),
    ),
    batchSize: Type.Integer({
      minimum: 2,
      maximum: 1_000_000,
      default: 128,
      description: 'Samples of S (cifar: two halves) or of one draw (fairseq).',
    }),
    microBatchSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'At most so many samples at a time: the same numbers in less memory, for networks without batch normalisation. Default: the whole batch.',
      }),
    ),
    memory: Type.Enum(['fast', 'low'], {
      default: 'fast',
      description:
        'low: networks without batch normalisation take a quarter of the batch at a time, the same numbers to rounding; others run as fast does. Trainings of a search take batches of that size.',
    }),
    overlap: Type.Boolean({
      default: true,
      description: 'cifar: S~ shares its first half with S; false draws two fresh halves.',
    }),
    ...scaleOptions,
    gradientClip: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Bound on the gradient of each scale; 0: none. Default: 1 (fairseq as published: 0).',
      }),
    ),
    beta2: Type.Optional(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description: 'Second-moment decay of the scale optimizer. Default: 0.999 (fairseq as published: 0.98).',
      }),
    ),
    layerNormLearningRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'fairseq: rate for the gains of layer normalisations. Default: learningRate.',
      }),
    ),
    layerNormMaxScale: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'fairseq: upper bound on the scales of those gains. Default: 100 (released: none).',
      }),
    ),
  },
  { additionalProperties: false },
);
export type GradinitOptions = Static<typeof gradinitOptions>;
