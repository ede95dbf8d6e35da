/**
 * Short trainings from several candidate weights, paired by seed, and the decision between them.
 *
 *   round 1   every candidate, at every training rate: `horizons[0]` steps with one seed
 *   round 2   the start and the best candidates, each at its best rate: `horizons[1]` steps with `seeds` other seeds
 *
 * Decisions are those of the search for a radius (../gradinit/radius-search-decisions.ts): the start is candidate zero and wins ties; a candidate replaces it
 * only when it is better for every seed and by more than twice the standard error of the paired differences. Of several such candidates the one with
 * the lowest mean difference is taken. A candidate may be a network that its method changed.
 */
import type { SampleSource } from '../../../batch.ts';
import { AppError } from '../../../errors.ts';
import type { Topology } from '../../../topology/topology.ts';
import type { HeldOut } from '../../feeding/held-out.ts';
import type { Execution } from '../../graph/compile.ts';
import { betweenIterations, type Problem, type Weights } from '../../run.ts';
import { createShortTraining, type ShortTraining, type ShortTrainingOptimizer } from '../../training/short-training.ts';
import {
  bestRate,
  type Comparison,
  compareWithStart,
  isBetter,
  type Measurement,
  meanOf,
  scoreOf,
  start,
} from '../gradinit/radius-search-decisions.ts';

export interface Candidate {
  readonly name: string;
  readonly topology: Topology;
  readonly weights: Weights;
}

export interface TrialPlan {
  readonly rateFactors: readonly number[];
  readonly horizons: readonly [number, number];
  readonly seeds: number;
  readonly finalists: number;
}

export interface TrialParts {
  readonly samples: SampleSource;
  readonly heldOut: HeldOut;
  readonly loss: NonNullable<Problem['loss']>;
  readonly optimizer: ShortTrainingOptimizer;
  readonly batchSize: number;
  readonly execution: Execution;
  readonly signal: AbortSignal;
}

interface Task {
  readonly candidate: number;
  readonly rateFactor: number;
  readonly seed: number;
  readonly horizon: number;
}

/** Number of trainings of a plan for `candidates` candidates, the start included. */
export const trainingsOf = ({ rateFactors, seeds, finalists }: TrialPlan, candidates: number): number =>
  candidates * rateFactors.length + (1 + Math.min(finalists, candidates - 1)) * seeds;

/** Number of steps of a plan for `candidates` candidates. */
export const stepsOf = (plan: TrialPlan, candidates: number): number => {
  const [short, long] = plan.horizons;
  return (
    candidates * plan.rateFactors.length * short + (1 + Math.min(plan.finalists, candidates - 1)) * plan.seeds * long
  );
};

const firstRound = ({ rateFactors, horizons }: TrialPlan, candidates: number): Task[] =>
  Array.from({ length: candidates }, (_, candidate) => candidate).flatMap((candidate) =>
    rateFactors.map((rateFactor) => ({ candidate, rateFactor, seed: 0, horizon: horizons[0] })),
  );

/** The candidates of round 2 by the measurements of round 1; the start comes first. */
export function finalistsOf(
  measurements: readonly Measurement[],
  { finalists, horizons }: TrialPlan,
  candidates: number,
): number[] {
  const others = Array.from({ length: candidates - 1 }, (_, index) => index + 1);
  const score = (candidate: number) => scoreOf(measurements, candidate, horizons[0], 1);
  return [start, ...others.sort((a, b) => compare(score(a), score(b)) || a - b).slice(0, finalists)];
}

/** Infinite scores are equal. */
const compare = (a: number, b: number) => Number(a > b) - Number(a < b);

const secondRound = (measurements: readonly Measurement[], plan: TrialPlan, candidates: number): Task[] =>
  finalistsOf(measurements, plan, candidates).flatMap((candidate) => {
    const rateFactor = bestRate(measurements, { candidate, optimizer: 0, horizon: plan.horizons[0] });
    return Array.from({ length: plan.seeds }, (_, seed) => ({
      candidate,
      rateFactor,
      seed: seed + 1,
      horizon: plan.horizons[1],
    }));
  });

export interface Verdict {
  /** Index of the candidate to take; 0 keeps the start. */
  readonly chosen: number;
  /** Comparisons of every candidate of round 2 with the start. */
  readonly comparisons: readonly ({ readonly candidate: number } & Comparison)[];
}

/** The decision after both rounds. @param candidates number of candidates, the start included */
export function verdictOf(measurements: readonly Measurement[], plan: TrialPlan, candidates: number): Verdict {
  const final = measurements.filter(({ horizon, seed }) => horizon === plan.horizons[1] && seed > 0);
  const comparisons = finalistsOf(measurements, plan, candidates)
    .slice(1)
    .map((candidate) => ({ candidate, ...compareWithStart(final, candidate) }));
  const [best] = comparisons.filter(isBetter).sort((a, b) => a.difference - b.difference);
  return { chosen: best?.candidate ?? start, comparisons };
}

const isDivergence = (cause: unknown) => cause instanceof AppError && cause.code === 'DIVERGED';
const isPowerOfTwo = (count: number) => (count & (count - 1)) === 0;

/** Runs one training to its end. `rise` is the largest held-out loss during it, divided by the initial one. */
async function train(
  training: ShortTraining,
  { weights }: Candidate,
  task: Task,
  signal: AbortSignal,
): Promise<Measurement> {
  const { candidate, rateFactor, seed, horizon } = task;
  const measured = { candidate, optimizer: 0, rateFactor, seed, horizon };
  try {
    training.start(weights, { optimizer: 0, rateFactor, seed });
    const before = meanOf(training.heldOutLosses());
    let highest = before;
    for (let step = 1; step <= horizon; step++) {
      await betweenIterations(signal);
      training.step();
      if (isPowerOfTwo(step)) highest = Math.max(highest, meanOf(training.heldOutLosses()));
    }
    return { ...measured, losses: training.heldOutLosses(), rise: highest / before };
  } catch (cause) {
    if (isDivergence(cause)) return { ...measured, losses: null, rise: null };
    throw cause;
  }
}

/**
 * Runs the trainings that are not in `done`, and returns all measurements.
 *
 * @param onDone called after every training with all measurements so far
 */
export async function runTrials(
  candidates: readonly Candidate[],
  plan: TrialPlan,
  parts: TrialParts,
  done: readonly Measurement[],
  onDone: (measurements: readonly Measurement[], seconds: number) => void,
): Promise<Measurement[]> {
  const measurements = [...done];
  const trainings = new Map<Topology, ShortTraining>();
  const trainingOf = (topology: Topology): ShortTraining => {
    const made = trainings.get(topology) ?? createShortTraining({ ...parts, topology, optimizers: [parts.optimizer] });
    trainings.set(topology, made);
    return made;
  };
  const first = firstRound(plan, candidates.length);
  try {
    for (let index = measurements.length; index < trainingsOf(plan, candidates.length); index++) {
      await betweenIterations(parts.signal);
      const began = performance.now();
      const task =
        first[index] ??
        (secondRound(measurements.slice(0, first.length), plan, candidates.length)[index - first.length] as Task);
      const candidate = candidates[task.candidate] as Candidate;
      measurements.push(await train(trainingOf(candidate.topology), candidate, task, parts.signal));
      onDone([...measurements], (performance.now() - began) / 1000);
    }
    return measurements;
  } finally {
    for (const training of trainings.values()) training.dispose();
  }
}
