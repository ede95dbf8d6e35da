/** Interprets the options of GradInit for a run: fills in presets, and derives optimizers, bounds of the scales and the plan of a search. */
import { AppError } from '../../errors.ts';
import { layerOverBatch } from '../../topology/structure/batch-statistics.ts';
import type { Param, Topology } from '../../topology/topology.ts';
import type { ParamTraits, ScaleBounds } from '../feeding/tuned-params.ts';
import { type FirstStepName, firstSteps } from '../search/gradinit/first-steps.ts';
import { costOf, iterationsOf, type RadiusSearchPlan } from '../search/gradinit/radius-search-plan.ts';
import type { SimulatedOptimizer, SimulatedOptimizers } from '../search/gradinit/step-graphs.ts';
import type { ShortTrainingOptimizer } from '../training/short-training.ts';
import type { GradinitOptions } from './gradinit-options.ts';
import { presets } from './gradinit-presets.ts';
import type { MethodCost } from './method.ts';

/** The options with the defaults of their preset and flavour; `simulatedOptimizers` fills in those of an optimizer. */
export function resolveOptions(given: GradinitOptions) {
  const preset = presets[given.preset][given.flavour];
  return {
    ...given,
    learningRate: given.learningRate ?? preset.learningRate,
    iterations: given.iterations ?? preset.iterations,
    beta2: given.beta2 ?? preset.beta2,
    gradientClip: given.gradientClip ?? preset.gradientClip,
    normalizeGradient: given.normalizeGradient ?? preset.normalizeGradient,
    optimizer: given.optimizer ?? preset.optimizer,
    layerNormMaxScale: given.layerNormMaxScale ?? preset.layerNormMaxScale,
  };
}

/** eta and gamma of one optimizer: the given values; those of the preset for the preset's own optimizer; otherwise the optimizer's defaults. */
function lengthOf(given: GradinitOptions, name: FirstStepName) {
  const preset = presets[given.preset][given.flavour];
  return preset.optimizer === name ? preset : firstSteps[name];
}

interface GivenOptimizer {
  readonly optimizer: FirstStepName;
  readonly eta?: number | undefined;
  readonly gamma?: number | null | undefined;
}

function givenOptimizers(given: GradinitOptions): readonly [GivenOptimizer, ...GivenOptimizer[]] {
  const { optimizer } = resolveOptions(given);
  const { eta, gamma } = given;
  if (optimizer !== 'any') return [{ optimizer, eta, gamma }];
  const [first, ...others] = given.anyOf ?? [{ optimizer: 'sgd', eta, gamma }, { optimizer: 'adam' }];
  return [first as GivenOptimizer, ...others];
}

/** The optimizers whose steps are simulated: one, or all those of `any`, where the steps of sgd are always normalised. */
export function simulatedOptimizers(given: GradinitOptions): SimulatedOptimizers {
  const { optimizer, normalizeGradient } = resolveOptions(given);
  const simulate = ({ optimizer: name, ...options }: GivenOptimizer): SimulatedOptimizer => {
    const usual = optimizer === 'any' ? firstSteps[name] : lengthOf(given, name);
    const gamma = options.gamma === undefined ? usual.gamma : options.gamma;
    return {
      name,
      norm: firstSteps[name].norm,
      eta: (options.eta ?? usual.eta) * firstSteps[name].factor(given),
      gamma: gamma ?? Number.POSITIVE_INFINITY,
      normalize: name === 'sgd' && (optimizer === 'any' || normalizeGradient),
    };
  };
  const [first, ...others] = givenOptimizers(given);
  return [simulate(first), ...others.map(simulate)];
}

/**
 * The optimizers of the short trainings that judge scales: SGD with the momentum of the options and, for networks without batch normalisation, the
 * clipping of the published trainings.
 */
export function trainingOptimizers(
  given: GradinitOptions,
  topology: Pick<Topology, 'layers'>,
): readonly ShortTrainingOptimizer[] {
  const { momentum, nesterov, trainingRate } = given;
  return givenOptimizers(given).map(({ optimizer: name, eta }) => {
    const learningRate = trainingRate ?? eta ?? lengthOf(given, name).eta;
    if (name !== 'sgd') return { optimizer: { name }, learningRate, clip: null };
    const clip = layerOverBatch(topology) ? null : 1;
    return { optimizer: { name, options: { momentum, nesterov } }, learningRate, clip };
  });
}

export function searchPlanOf({ search, ...given }: GradinitOptions): RadiusSearchPlan {
  return {
    ...search,
    horizons: [search.shortHorizon, search.longHorizon],
    iterations: iterationsOf(resolveOptions({ search, ...given }).iterations),
  };
}

/** The cost of a run: the iterations for a given rate; for `learningRate: "auto"` between the gate alone and a search of every radius. */
export function searchCost(given: GradinitOptions): MethodCost {
  const { learningRate, iterations } = resolveOptions(given);
  if (learningRate === 'auto') return costOf(searchPlanOf(given), givenOptimizers(given).length);
  const work = { iterations, trainingSteps: 0 };
  return { least: work, most: work };
}

/** Number of parts into which a batch is split to save memory. */
const piecesOfLow = 4;

/** At most so many samples at a time; null: the whole batch. `any` has no steps for parts. */
export function microBatchSizeOf(
  given: GradinitOptions,
  topology: Pick<Topology, 'layers' | 'outputMasks'>,
): number | null {
  const { microBatchSize, memory, optimizer, batchSize } = given;
  if (microBatchSize !== undefined) return microBatchSize;
  if (memory === 'fast' || optimizer === 'any' || layerOverBatch(topology) || topology.outputMasks) return null;
  return Math.ceil(batchSize / piecesOfLow);
}

function refuseOption(option: string, reason: string): never {
  const message = `${option} cannot be used: ${reason}`;
  throw new AppError('OPTION_INVALID', message, { problems: [{ pointer: `/method/options/${option}`, message }] });
}

/** Options that contradict one another or the network. Throws OPTION_INVALID. */
export function checkGradinitOptions(topology: Pick<Topology, 'layers' | 'outputMasks'>, given: GradinitOptions): void {
  if (given.anyOf !== undefined && given.optimizer !== 'any') refuseOption('anyOf', 'it belongs to optimizer "any"');
  if (given.anyOf !== undefined && (given.eta !== undefined || given.gamma !== undefined))
    refuseOption('anyOf', 'it holds eta and gamma of every optimizer; leave out those beside it');
  if (!given.search.rateFactors.includes(1))
    refuseOption('search/rateFactors', 'the rate that will train, 1, must be among them');
  if (microBatchSizeOf(given, topology) === null) return;
  const layer = layerOverBatch(topology);
  if (layer) refuseOption('microBatchSize', `layer "${layer.name}" normalises over the whole batch`);
  if (topology.outputMasks) refuseOption('microBatchSize', 'the loss of a masked output is no mean of its samples');
  if (given.optimizer === 'any') refuseOption('microBatchSize', 'it needs one optimizer, not any');
}

/** Rate and bounds of one scale, for the rate of the search. */
export function boundsOf(given: GradinitOptions, { group }: Param, traits: ParamTraits, rate: number): ScaleBounds {
  const { layerNormMaxScale, learningRate } = resolveOptions(given);
  const { minScale, search } = given;
  const floor =
    learningRate === 'auto' && traits.normalizationGain ? Math.max(minScale, search.minNormalizationScale) : minScale;
  if (given.flavour === 'fairseq' && traits.layerNormGain) {
    return {
      rate: given.layerNormLearningRate ?? rate,
      lower: floor,
      upper: layerNormMaxScale ?? Number.POSITIVE_INFINITY,
    };
  }
  return { rate, lower: group === 'bias' ? 0 : floor, upper: Number.POSITIVE_INFINITY };
}
