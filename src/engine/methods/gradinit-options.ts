/** The options of GradInit, and what they mean for the search: see ./gradinit.ts for where the defaults come from. */
import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { layerOverBatch } from '../../topology/structure/batch-statistics.ts';
import type { Topology } from '../../topology/topology.ts';
import type { SimulatedOptimizers } from '../search/gradinit/step-graphs.ts';
import type { ShortTrainingOptimizer } from '../training/short-training.ts';

export const gradinitOptions = Type.Object(
  {
    flavour: Type.Union([Type.Literal('cifar'), Type.Literal('fairseq')], {
      default: 'cifar',
      description:
        'Which of the two released loops: batches in halves and a shared second moment, or thirds and separate ones.',
    }),
    optimizer: Type.Optional(
      Type.Union([Type.Literal('sgd'), Type.Literal('adam'), Type.Literal('any')], {
        description:
          'The optimizer whose first step is simulated; any: both, with the mean of their losses. Default: sgd (cifar), adam (fairseq).',
      }),
    ),
    eta: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Length of the simulated step; any: of that of sgd. Default: 0.1 (cifar, any), 5e-4 (fairseq).',
      }),
    ),
    etaAdam: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-3,
      description: 'any only: length of the step of adam.',
    }),
    gamma: Type.Optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
        description:
          'Bound on the gradient norm (L2 for sgd and any, L1 for adam); null: none. Default: null (cifar), 1 (any), 1000 (fairseq).',
      }),
    ),
    gammaAdam: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      default: 1000,
      description: 'any only: bound on the L1 norm of the gradient; null: none.',
    }),
    normalizeGradient: Type.Boolean({
      default: false,
      description: 'sgd only: step along g / ||g|| instead of g. All published launch scripts set it.',
    }),
    learningRate: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('auto')], {
      default: 1e-3,
      description:
        'Of the Adam that tunes the scales; auto: the best of learningRateCandidates, stopped where it is best, by short trainings: about twice the time.',
    }),
    learningRateCandidates: Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
      minItems: 1,
      maxItems: 16,
      default: [1e-3, 3e-3, 1e-2, 3e-2, 1e-1],
      description: 'What auto tries.',
    }),
    learningRateMultipliers: Type.Boolean({
      default: false,
      description:
        'Report the factors on the training rate that undo what the scales do to the relative step of every tensor.',
    }),
    iterations: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 390,
      description: 'Constraint and objective iterations both count.',
    }),
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
        'low: networks without batch normalisation take a quarter of the batch at a time, the same numbers to rounding; others run as fast does.',
    }),
    overlap: Type.Boolean({
      default: true,
      description: 'cifar: S~ shares its first half with S; false draws two fresh halves.',
    }),
    minScale: Type.Number({
      minimum: 0,
      default: 0.01,
      description: 'Lower bound on the scales of weights; biases have 0.',
    }),
    gradientClip: Type.Number({ minimum: 0, default: 1, description: 'Bound on the gradient of each scale; 0: none.' }),
    beta1: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: 'First-moment decay of the scale optimizer.',
    }),
    beta2: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.999,
      description: 'Second-moment decay of the scale optimizer.',
    }),
    adamEpsilon: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-8,
      description: 'Added to the root of the second moment.',
    }),
    layerNormLearningRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'fairseq: rate for the gains of layer normalisations. Default: learningRate.',
      }),
    ),
    layerNormMaxScale: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'fairseq: upper bound on the scales of those gains. Default: none.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type GradinitOptions = Static<typeof gradinitOptions>;

/** Defaults that depend on the flavour, as the two released loops have them, and on the optimizer. */
function resolve(given: GradinitOptions) {
  const fairseq = given.flavour === 'fairseq';
  const byFlavour = fairseq
    ? ({ optimizer: 'adam', eta: 5e-4, gamma: 1000 } as const)
    : ({ optimizer: 'sgd', eta: 0.1, gamma: null } as const);
  const byOptimizer = given.optimizer === 'any' ? { eta: 0.1, gamma: 1 } : {};
  return { ...byFlavour, ...byOptimizer, ...given };
}

/** The steps to simulate: one, or that of every optimizer. */
export function simulatedOptimizers(given: GradinitOptions): SimulatedOptimizers {
  const { optimizer, eta, etaAdam, gamma, gammaAdam, normalizeGradient } = resolve(given);
  const bound = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
  if (optimizer === 'any') {
    return [
      { name: 'sgd', norm: 'l2', eta, gamma: bound(gamma), normalize: true },
      { name: 'adam', norm: 'l1', eta: etaAdam, gamma: bound(gammaAdam), normalize: false },
    ];
  }
  const norm = optimizer === 'sgd' ? 'l2' : 'l1';
  return [{ name: optimizer, norm, eta, gamma: bound(gamma), normalize: normalizeGradient }];
}

/**
 * The optimizers themselves, for trainings that tell good scales from bad ones: at the rate whose first step is simulated, SGD with the momentum and,
 * without batch normalisation, the clipping of the published trainings.
 */
export function trainingOptimizers(
  given: GradinitOptions,
  topology: Pick<Topology, 'layers'>,
): readonly ShortTrainingOptimizer[] {
  return simulatedOptimizers(given).map(({ name, eta }) =>
    name === 'sgd'
      ? {
          optimizer: { name, options: { momentum: 0.9 } },
          learningRate: eta,
          clip: layerOverBatch(topology) ? null : 1,
        }
      : { optimizer: { name: 'adam' }, learningRate: eta, clip: null },
  );
}

/** Parts that a batch is split into to save memory. */
const piecesOfLow = 4;

/** At most so many samples at a time; null: the whole batch. `any` has no steps for parts. */
export function microBatchSizeOf(given: GradinitOptions, topology: Pick<Topology, 'layers'>): number | null {
  const { microBatchSize, memory, optimizer, batchSize } = given;
  if (microBatchSize !== undefined) return microBatchSize;
  if (memory === 'fast' || optimizer === 'any' || layerOverBatch(topology)) return null;
  return Math.ceil(batchSize / piecesOfLow);
}

/** Throws OPTION_INVALID where a batch cannot be split. */
export function checkMicroBatches(topology: Pick<Topology, 'layers'>, given: GradinitOptions): void {
  const refuse = (reason: string) => {
    const message = `microBatchSize cannot be used: ${reason}`;
    const problems = [{ pointer: '/method/options/microBatchSize', message }];
    throw new AppError('OPTION_INVALID', message, { problems });
  };
  if (microBatchSizeOf(given, topology) === null) return;
  const layer = layerOverBatch(topology);
  if (layer) refuse(`layer "${layer.name}" normalises over the whole batch`);
  if (given.optimizer === 'any') refuse('it needs one optimizer, sgd or adam');
}

/** The rate and bounds of one parameter's scale, given the rate of the search. */
export function boundsOf(given: GradinitOptions, group: 'weight' | 'bias', layerNormGain: boolean, rate: number) {
  if (given.flavour === 'fairseq' && layerNormGain) {
    return {
      rate: given.layerNormLearningRate ?? rate,
      lower: given.minScale,
      upper: given.layerNormMaxScale ?? Number.POSITIVE_INFINITY,
    };
  }
  return { rate, lower: group === 'bias' ? 0 : given.minScale, upper: Number.POSITIVE_INFINITY };
}
