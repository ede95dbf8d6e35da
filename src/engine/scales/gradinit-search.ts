/** GradInit's search on a problem's own samples: parameters, draws and graphs put together. */
import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { Param } from '../../topology/topology.ts';
import { assertBatchFits } from '../batch-stream.ts';
import { createDraws, replayDraws } from '../draws.ts';
import type { Execution } from '../graph/compile.ts';
import { createLoss } from '../losses/index.ts';
import type { Problem } from '../methods/method.ts';
import { createNetwork } from '../network/network.ts';
import type { ScaleBounds } from '../optimizers/rescale-adam.ts';
import { type DrawPlan, halvesPlan, thirdsPlan } from './draw-plan.ts';
import { createMicroStepGraphs } from './micro-step-graphs.ts';
import { createRateSearch, type RateSearchPlan } from './rate-search.ts';
import type { ScaleProcess } from './scale-run.ts';
import { createScaleSearch, type ScaleSearchOptions } from './scale-search.ts';
import { createStepGraphs, type StepGraphs } from './step-graphs.ts';
import { type ParamPartition, partitionParams } from './tuned-params.ts';

export interface GradinitSearchOptions extends ScaleSearchOptions {
  readonly draws: { readonly kind: 'halves' | 'thirds'; readonly overlap: boolean; readonly batchSize: number };
  /** Rate of the scales, or the plan of the search for one. */
  readonly rate: number | RateSearchPlan;
  /** Rate and bounds of a parameter, given the rate of the search. */
  readonly boundsOf: (param: Param, traits: { readonly layerNormGain: boolean }, rate: number) => ScaleBounds;
  readonly iterations: number;
  /** At most so many samples at a time; null for whole batches. */
  readonly microBatchSize: number | null;
}

export interface GradinitSearch {
  readonly partition: ParamPartition;
  /** Upper bound: a search for the rate may be shorter. */
  readonly iterations: number;
  create(resume: unknown): ScaleProcess;
}

function createPlan(
  { recordedDraws, seed }: Pick<Problem, 'recordedDraws' | 'seed'>,
  samples: SampleSource,
  { kind, overlap, batchSize }: GradinitSearchOptions['draws'],
): DrawPlan {
  const drawSize = kind === 'halves' ? Math.floor(batchSize / 2) : batchSize;
  const draws = recordedDraws
    ? replayDraws(recordedDraws)
    : createDraws({ size: samples.size, seed, batchSize: drawSize });
  return kind === 'halves' ? halvesPlan(draws, overlap) : thirdsPlan(draws);
}

function createGraphs(
  step: Parameters<typeof createStepGraphs>[0],
  weights: Problem['weights'],
  samples: SampleSource,
  { optimizers, microBatchSize }: GradinitSearchOptions,
  execution: Execution,
): StepGraphs {
  if (microBatchSize === null) return createStepGraphs(step, weights, samples, optimizers, execution);
  if (optimizers.length > 1) throw new AppError('OPTION_INVALID', 'microBatchSize: give one optimizer, sgd or adam');
  return createMicroStepGraphs(step, weights, samples, optimizers[0], microBatchSize, execution);
}

/** Throws BATCH_TOO_LARGE, and what the problem's parts throw. */
export function createGradinitSearch(
  problem: Problem,
  samples: SampleSource,
  loss: NonNullable<Problem['loss']>,
  execution: Execution,
  options: GradinitSearchOptions,
): GradinitSearch {
  assertBatchFits(problem.recordedDraws ? 0 : options.draws.batchSize, samples);
  const { rate } = options;
  const partitionAt = (value: number) =>
    partitionParams(problem.topology, problem.weights, (param, traits) => options.boundsOf(param, traits, value));
  // Which parameters are tuned does not depend on the rate.
  const partition = partitionAt(typeof rate === 'number' ? rate : 0);
  const step = { network: createNetwork(problem.topology), partition, loss: createLoss(loss.name, loss.options) };

  const create = (resume: unknown): ScaleProcess => {
    const graphs = createGraphs(step, problem.weights, samples, options, execution);
    const plan = (seed: number) => createPlan({ ...problem, seed }, samples, options.draws);
    const searchAt = (value: number, saved: unknown) =>
      createScaleSearch(partitionAt(value).tuned, graphs, plan(problem.seed), options, saved);
    const probeSeed = (problem.seed + 1) % Number.MAX_SAFE_INTEGER;
    const parts = { iterations: options.iterations, searchAt, probeDraws: () => plan(probeSeed) };
    const process = typeof rate === 'number' ? searchAt(rate, resume) : createRateSearch(rate, parts, resume);
    return { ...process, dispose: graphs.dispose };
  };
  const searched =
    typeof rate === 'number' ? 0 : rate.rounds.reduce((sum, { trials, iterations }) => sum + trials * iterations, 0);
  return { partition, iterations: options.iterations + searched, create };
}
