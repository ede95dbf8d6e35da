/** A scale search on a problem's own samples: parameters, draws, checkpoints and metrics around ./scale-search.ts. */

import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { createDraws, replayDraws } from '../draws.ts';
import { createLoss } from '../losses/index.ts';
import type { MethodResult, Problem, RunControl } from '../methods/method.ts';
import { createNetwork } from '../network/network.ts';
import { type DrawPlan, halvesPlan, thirdsPlan } from './draw-plan.ts';
import { createScaleSearch, type ScaleSearchOptions, type ScaleSearchState } from './scale-search.ts';
import { type ParamPartition, partitionParams } from './tuned-params.ts';

export interface SampleScaleSearchOptions {
  readonly method: string;
  readonly norm: 'l1' | 'l2';
  readonly boundsOf: Parameters<typeof partitionParams>[2];
  readonly draws: { readonly kind: 'halves' | 'thirds'; readonly overlap: boolean; readonly batchSize: number };
  readonly search: ScaleSearchOptions;
}

/** What a checkpoint holds. */
interface SavedState {
  readonly method: string;
  readonly iteration: number;
  readonly search: ScaleSearchState;
}

export interface SampleScaleSearch {
  /** Iterations done so far. */
  iteration(): number;
  /** One more of `total`; reports it. Throws DIVERGED with the iteration's number. */
  iterate(total: number): void;
  result(): MethodResult;
  dispose(): void;
}

function createPlan(
  problem: Problem,
  size: number,
  { kind, overlap, batchSize }: SampleScaleSearchOptions['draws'],
): DrawPlan {
  const drawSize = kind === 'halves' ? Math.floor(batchSize / 2) : batchSize;
  if (batchSize > size && !problem.recordedDraws) {
    throw new AppError(
      'BATCH_TOO_LARGE',
      `batchSize is ${batchSize}, but the dataset has ${size} samples; choose at most ${size}`,
    );
  }
  const draws = problem.recordedDraws
    ? replayDraws(problem.recordedDraws)
    : createDraws({ size, seed: problem.seed, batchSize: drawSize, dropLast: false });
  return kind === 'halves' ? halvesPlan(draws, overlap) : thirdsPlan(draws);
}

/** W_i times its final scale, float32. Parameters without a scale keep their bytes. */
function applyScales(
  problem: Problem,
  partition: ParamPartition,
  state: ScaleSearchState,
): Map<string, NDArray<'float32'>> {
  const weights = new Map(problem.weights);
  partition.tuned.forEach(({ name }, k) => {
    const weight = weights.get(name) as NDArray<'float32'>;
    const alpha = state.scales[k]?.alpha ?? 1;
    weights.set(
      name,
      ndarray(
        'float32',
        weight.shape,
        weight.data.map((value) => value * alpha),
      ),
    );
  });
  return weights;
}

function readSaved(resume: unknown, method: string, partition: ParamPartition): SavedState | null {
  if (resume === null || resume === undefined) return null;
  const saved = resume as SavedState;
  if (saved.method !== method || saved.search?.scales?.length !== partition.tuned.length) {
    throw new AppError('CHECKPOINT_MISMATCH', `the saved state is not one of this ${method} run`);
  }
  return structuredClone(saved);
}

/** Builds the search. Throws BATCH_TOO_LARGE, CHECKPOINT_MISMATCH. */
export function createSampleScaleSearch(
  problem: Problem,
  samples: SampleSource,
  loss: NonNullable<Problem['loss']>,
  control: RunControl,
  options: SampleScaleSearchOptions,
): SampleScaleSearch {
  const partition = partitionParams(problem.topology, problem.weights, options.boundsOf);
  const saved = readSaved(control.resume, options.method, partition);
  const plan = createPlan(problem, samples.size, options.draws);
  const step = {
    network: createNetwork(problem.topology),
    partition,
    loss: createLoss(loss.name, loss.options),
    norm: options.norm,
  };
  const search = createScaleSearch(
    step,
    problem.weights,
    samples,
    plan,
    options.search,
    control.execution,
    saved?.search ?? null,
  );
  let iteration = saved?.iteration ?? 0;
  const named = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(partition.tuned.map(({ name }, k) => [name, values[k] as T]));
  const scales = () => named(search.state().scales.map(({ alpha }) => alpha));
  return {
    iteration: () => iteration,
    iterate(total) {
      const start = performance.now();
      const done = inIteration(iteration, () => search.iterate());
      const finite = Object.entries(named(done.gradients)).filter(
        (entry): entry is [string, number] => entry[1] !== null,
      );
      iteration += 1;
      control.onIteration({
        iteration: iteration - 1,
        iterations: total,
        branch: done.branch,
        loss: done.loss,
        gradientNorm: done.gradientNorm,
        steppedLoss: done.steppedLoss,
        objective: done.steppedLoss === null ? null : done.steppedLoss / options.search.eta,
        seconds: (performance.now() - start) / 1000,
        scaleGradients: Object.fromEntries(finite),
        scales: scales(),
      });
      control.saveState((): SavedState => ({ method: options.method, iteration, search: search.state() }));
    },
    result() {
      const state = search.state();
      return {
        weights: applyScales(problem, partition, state),
        scales: scales(),
        skipped: partition.skipped,
        findings: { wrongBranchGuesses: state.wrongGuesses },
      };
    },
    dispose: search.dispose,
  };
}

/** Adds the iteration to the error of a diverging run. */
function inIteration<T>(iteration: number, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'DIVERGED') throw cause;
    const message = `iteration ${iteration}: ${cause.message}; try a smaller learningRate or eta, or a finite gamma`;
    throw new AppError('DIVERGED', message, { cause, details: { ...cause.details, iteration } });
  }
}
