/**
 * Finds the learning rate of the scales, and after how many iterations to stop, by training a little from what every rate leads to.
 *
 *   round 1   every candidate runs a few iterations from scale 1;   round 2   the best three go on;   then   the best one alone, a quarter of the run at a time
 *
 * After its share of a round, a trial is measured: a short training with the optimizer that is simulated, at its rate (../training/short-training.ts), the
 * same for all. A trial or training that diverges is out. The result is the best scales that were ever measured, wherever that was: GradInit looks one
 * step ahead, and what serves that step too well (scales at their lower bound, a gradient that vanishes) serves training badly. When two quarters in
 * turn brought nothing better, the search ends there.
 *
 * A trial goes on where it stopped, so the result is exactly that of a run with the found rate and number of iterations.
 *
 * Successive halving: Karnin, Koren, Somekh: Almost Optimal Exploration in Multi-Armed Bandits. ICML 2013.
 */
import { AppError } from '../../../errors.ts';
import type { ShortTraining } from '../../training/short-training.ts';
import type { ScaleIteration, ScaleProcess } from '../scale-run.ts';
import type { RateSearchPlan } from './rate-search-plan.ts';

interface Trial {
  readonly rate: number;
  /** Of its search; null before the first iteration. */
  search: unknown;
  iterations: number;
  /** Score of the latest short training; null before the first. */
  trainingLoss: number | null;
  diverged: boolean;
}

/** Scales that were measured. */
interface Measured {
  readonly rate: number;
  readonly iterations: number;
  readonly trainingLoss: number;
  readonly alphas: readonly number[];
}

/** Plain JSON, complete. */
interface RateSearchState {
  readonly trials: readonly Trial[];
  /** Position in the plan's rounds; -1 while scale 1 is measured. */
  round: number;
  /** Positions in `trials` of those that the round still has to run, the running one first. */
  queue: number[];
  /** Of the short training that is going on; null between trainings. */
  losses: number[] | null;
  /** Score at scale 1; null when that training diverged, or is not over. */
  startLoss: number | null;
  best: Measured | null;
  /** Rounds of the last trial in turn that brought nothing better. */
  roundsWithoutGain: number;
  over: boolean;
  /** Of the running trial's search. */
  search: unknown;
}

export interface RateSearchParts {
  searchAt(rate: number, saved: unknown): ScaleProcess;
  readonly training: Pick<ShortTraining, 'steps' | 'step' | 'score' | 'dispose'> & {
    start(alphas: readonly number[]): void;
  };
}

const patience = 2;

const firstState = ({ candidates }: RateSearchPlan): RateSearchState => ({
  trials: candidates.map((rate) => ({ rate, search: null, iterations: 0, trainingLoss: null, diverged: false })),
  round: -1,
  queue: [0],
  losses: [],
  startLoss: null,
  best: null,
  roundsWithoutGain: 0,
  over: false,
  search: null,
});

const isDivergence = (cause: unknown) => cause instanceof AppError && cause.code === 'DIVERGED';

/** One search after another behind one process. Iterations of trials have the branch 'learning-rate-search', steps of training 'short-training'. */
export function createRateSearch(plan: RateSearchPlan, parts: RateSearchParts, resume: unknown): ScaleProcess {
  const state = structuredClone((resume as RateSearchState | null) ?? firstState(plan));
  const { trials } = state;
  const { training } = parts;
  const running = () => trials[state.queue[0] as number] as Trial;
  let live = parts.searchAt(running().rate, state.search);
  /** The training behind `state.losses` stands where they end. */
  let inStep = false;

  const nothing = (branch: string): ScaleIteration => {
    const gradients = live.alphas().map(() => null);
    return { branch, loss: null, gradientNorm: null, objective: null, gradients };
  };
  const goOnWith = (queue: number[]) => {
    state.queue = queue;
    live = parts.searchAt(running().rate, running().search);
  };
  const end = () => {
    state.over = true;
    if (!state.best) throw new AppError('DIVERGED', `no learning rate of ${plan.candidates.join(', ')} stays finite`);
  };
  const nextRound = () => {
    state.round += 1;
    const round = plan.rounds[state.round];
    const ranked = [...trials.keys()].filter((index) => !trials[index]?.diverged);
    ranked.sort((a, b) => (trials[a]?.trainingLoss ?? 0) - (trials[b]?.trainingLoss ?? 0));
    const queue = ranked.slice(0, round?.trials ?? 0);
    if (queue.length === 0 || state.roundsWithoutGain >= patience) end();
    else goOnWith(queue);
  };
  const endTrial = () => {
    const trial = running();
    trial.search = trial.diverged ? null : live.state();
    const [, ...others] = state.queue;
    if (others.length > 0) goOnWith(others);
    else nextRound();
  };
  /** @param score of the running trial; null: its training diverged */
  const measured = (score: number | null) => {
    const trial = running();
    trial.trainingLoss = score;
    trial.diverged = score === null;
    const gain = score !== null && score < (state.best?.trainingLoss ?? Number.POSITIVE_INFINITY);
    if (gain)
      state.best = { rate: trial.rate, iterations: trial.iterations, trainingLoss: score, alphas: live.alphas() };
    if (plan.rounds[state.round]?.trials === 1) state.roundsWithoutGain = gain ? 0 : state.roundsWithoutGain + 1;
  };
  const endTraining = (score: number | null) => {
    state.losses = null;
    if (state.round < 0) {
      state.startLoss = score;
      nextRound();
    } else {
      measured(score);
      endTrial();
    }
  };
  const beginTraining = () => {
    state.losses = [];
    inStep = false;
  };
  const train = (losses: number[]): ScaleIteration => {
    try {
      if (!inStep) {
        training.start(live.alphas());
        for (const _ of losses) training.step(); // after a resume
        inStep = true;
      }
      const { loss, gradientNorm } = training.step();
      losses.push(loss);
      const result = { ...nothing('short-training'), loss, gradientNorm };
      if (losses.length === training.steps) endTraining(training.score(losses));
      return result;
    } catch (cause) {
      if (!isDivergence(cause) || state.over) throw cause;
      endTraining(null);
      return nothing('short-training');
    }
  };
  const tune = (): ScaleIteration => {
    const trial = running();
    const { trials: inRound, until } = plan.rounds[state.round] as RateSearchPlan['rounds'][number];
    try {
      const result = live.iterate();
      trial.iterations += 1;
      if (trial.iterations >= until) beginTraining();
      return inRound > 1 ? { ...result, branch: 'learning-rate-search' } : result;
    } catch (cause) {
      if (!isDivergence(cause)) throw cause;
      const result = nothing('learning-rate-search');
      trial.diverged = true;
      endTrial();
      return result;
    }
  };

  return {
    state: (): RateSearchState => structuredClone({ ...state, search: live.state() }),
    alphas: () => (state.over && state.best ? state.best.alphas : live.alphas()),
    iterate: () => (state.losses ? train(state.losses) : tune()),
    finished: () => state.over,
    findings: () => ({
      ...live.findings?.(),
      learningRate: state.best?.rate,
      iterationsKept: state.best?.iterations,
      trainingLoss: state.best?.trainingLoss,
      trainingLossAtStart: state.startLoss,
      learningRateTrials: trials.map(({ search: _, ...trial }) => trial),
    }),
    dispose: () => training.dispose(),
  };
}
