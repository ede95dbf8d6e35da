/** Creates GradInit's search on the samples of a problem from parameters, draws and graphs. */
import type { SampleSource } from '../../../batch.ts';
import type { Param } from '../../../topology/topology.ts';
import { assertBatchFits } from '../../feeding/batch-stream.ts';
import { type DrawPlan, halvesPlan, thirdsPlan } from '../../feeding/draw-plan.ts';
import { createDraws, replayDraws } from '../../feeding/draws.ts';
import { holdOut } from '../../feeding/held-out.ts';
import {
  type ParamPartition,
  type ParamTraits,
  partitionParams,
  type ScaleBounds,
} from '../../feeding/tuned-params.ts';
import type { Execution } from '../../graph/compile.ts';
import { createRunLoss } from '../../losses/run-loss.ts';
import { createNetwork } from '../../network/network.ts';
import type { Problem } from '../../run.ts';
import {
  createShortTraining,
  type ShortTrainingOptimizer,
  type ShortTrainingSettings,
} from '../../training/short-training.ts';
import { applyScales, type ScaleProcess } from '../scale-run.ts';
import { createMicroStepGraphs } from './micro-step-graphs.ts';
import { createRadiusSearch } from './radius-search.ts';
import { costOf, type RadiusSearchPlan } from './radius-search-plan.ts';
import { createScaleSearch, type ScaleSearchOptions } from './scale-search.ts';
import { createStepGraphs, type StepGraphs } from './step-graphs.ts';

export interface GradinitSearchOptions extends ScaleSearchOptions {
  readonly draws: { readonly kind: 'halves' | 'thirds'; readonly overlap: boolean; readonly batchSize: number };
  /** Rate of the scales, or the options of a search for a radius. */
  readonly rate: number | RadiusSearchOptions;
  /** Rate and bounds of a parameter, for the rate of the search. */
  readonly boundsOf: (param: Param, traits: ParamTraits, rate: number) => ScaleBounds;
  readonly iterations: number;
  /** Most samples in one pass, for one optimizer and networks without batch normalisation; null for whole batches. */
  readonly microBatchSize: number | null;
}

export interface RadiusSearchOptions {
  readonly plan: RadiusSearchPlan;
  /** The optimizers of the short trainings. */
  readonly optimizers: readonly ShortTrainingOptimizer[];
  readonly heldOutBatches: number;
}

export interface GradinitSearch {
  readonly partition: ParamPartition;
  /** An upper bound, because a search for the radius may end earlier. */
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
  return createMicroStepGraphs(step, weights, samples, optimizers[0], microBatchSize, execution);
}

/** Throws BATCH_TOO_LARGE, and the errors of the problem's parts. */
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
  // The tuned parameters do not depend on the rate.
  const partition = partitionAt(typeof rate === 'number' ? rate : 0);
  const step = { network: createNetwork(problem.topology), partition, loss: createRunLoss(loss, problem.topology) };

  const createSearch = (graphs: StepGraphs) => (value: number, saved: unknown) =>
    createScaleSearch(partitionAt(value).tuned, graphs, createPlan(problem, samples, options.draws), options, saved);
  const trainingBatch = options.microBatchSize ?? options.draws.batchSize;
  if (typeof rate === 'number') {
    const create = (resume: unknown): ScaleProcess => {
      const graphs = createGraphs(step, problem.weights, samples, options, execution);
      return { ...createSearch(graphs)(rate, resume), dispose: graphs.dispose };
    };
    return { partition, iterations: options.iterations, create };
  }
  return { partition, iterations: mostSteps(rate), create: createAuto(rate) };

  function createAuto({ plan, optimizers, heldOutBatches }: RadiusSearchOptions) {
    return (resume: unknown): ScaleProcess => {
      const graphs = createGraphs(step, problem.weights, samples, options, execution);
      const training = createShortTraining({
        topology: problem.topology,
        samples,
        heldOut: holdOut(samples, { count: heldOutBatches, batchSize: trainingBatch, seed: problem.seed }),
        loss,
        optimizers,
        batchSize: trainingBatch,
        execution,
      });
      const start = (alphas: readonly number[], settings: ShortTrainingSettings) =>
        training.start(applyScales(problem.weights, partition, alphas), settings);
      const parts = {
        searchAt: createSearch(graphs),
        training: { ...training, start },
        optimizers: optimizers.length,
        scales: partition.tuned.length,
      };
      const process = createRadiusSearch(plan, parts, resume);
      const dispose = () => {
        process.dispose();
        graphs.dispose();
      };
      return { ...process, dispose };
    };
  }
}

/** Most iterations and training steps of a search. */
function mostSteps({ plan, optimizers }: RadiusSearchOptions): number {
  const { iterations, trainingSteps } = costOf(plan, optimizers.length).most;
  return iterations + trainingSteps;
}
