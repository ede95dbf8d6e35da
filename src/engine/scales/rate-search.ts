/**
 * Finds the learning rate of the scales by short trials, then runs the search with it from the start.
 *
 *   round 1   every candidate runs a few iterations from scale 1;   round 2   the best three go on;   the winner is one of them
 *
 * After its share of a round, a trial is measured on samples that are the same for all: the mean loss after the simulated step, and by how much the
 * gradient norm exceeds its bound. Trials within the bound (with 10 % of play, for the constraint holds from one batch to the next only) come first,
 * by their loss; then the others, by their excess. Trials that diverge are out. The costs are known beforehand: see `planRateSearch`.
 *
 * The winner is not simply the best of the last round. The main run is a dozen times longer than a trial, so a slower rate catches up, while the
 * fastest is the first to leave the region where scales still mean something: it is the smallest rate that made four fifths of the best one's progress.
 * Where the start already breaks the bound, progress is not comparable, and the best trial wins.
 *
 * Successive halving: Karnin, Koren, Somekh: Almost Optimal Exploration in Multi-Armed Bandits. ICML 2013.
 */
import { AppError } from '../../errors.ts';
import type { DrawPlan } from './draw-plan.ts';
import type { ScaleIteration, ScaleProcess } from './scale-run.ts';
import type { ScaleProbe, ScaleSearch } from './scale-search.ts';

export interface RateSearchPlan {
  readonly candidates: readonly number[];
  readonly rounds: readonly { readonly trials: number; readonly iterations: number }[];
  /** Pairs of batches that a trial is measured on. */
  readonly probes: number;
}

/** Two rounds, of about a third of the iterations of the run in all. */
export function planRateSearch(candidates: readonly number[], iterations: number): RateSearchPlan {
  const within = (low: number, value: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));
  return {
    candidates,
    rounds: [
      { trials: candidates.length, iterations: within(2, iterations / 48, 8) },
      { trials: Math.min(3, candidates.length), iterations: within(4, iterations / 16, 24) },
    ],
    probes: 4,
  };
}

interface Trial {
  readonly rate: number;
  /** Of its search; null before the first iteration. */
  search: unknown;
  iterations: number;
  measured: ScaleProbe | null;
  diverged: boolean;
}

interface RateSearchState {
  readonly trials: Trial[];
  /** At scale 1; null before it is needed. */
  readonly start: ScaleProbe | null;
  /** Positions in `trials` of those that the current round still has to run, the running one first. */
  readonly queue: number[];
  readonly round: number;
  /** Iterations of the running trial in this round. */
  readonly inRound: number;
  /** The rate that won; null while trials run. */
  readonly chosen: number | null;
  /** Iterations of the main run. */
  readonly done: number;
  /** Of the live search. */
  readonly search: unknown;
}

export interface RateSearchParts {
  /** Of the main run. */
  readonly iterations: number;
  searchAt(rate: number, saved: unknown): ScaleSearch;
  /** From the same position every time. */
  probeDraws(): DrawPlan;
}

const tolerance = 1.1;
const progressShare = 0.8;

const isWithin = ({ excess }: ScaleProbe) => excess <= tolerance;

/** Better first; both have not diverged. */
function compareTrials(a: Trial, b: Trial): number {
  const [x, y] = [a.measured, b.measured];
  if (!x || !y) return Number(x === null) - Number(y === null);
  const [aWithin, bWithin] = [isWithin(x), isWithin(y)];
  if (aWithin !== bWithin) return aWithin ? -1 : 1;
  return aWithin ? x.steppedLoss - y.steppedLoss : x.excess - y.excess;
}

function measure(search: ScaleSearch, draws: DrawPlan, probes: number): ScaleProbe {
  const measured = Array.from({ length: probes }, () => search.probe(draws));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / probes;
  return {
    steppedLoss: mean(measured.map((probe) => probe.steppedLoss)),
    excess: mean(measured.map((probe) => probe.excess)),
  };
}

/** The trial that wins; see above. All were measured in the same round. */
function winnerOf(trials: readonly Trial[], start: ScaleProbe | null): Trial | undefined {
  const [best] = [...trials].sort(compareTrials);
  if (!best?.measured || !start || !isWithin(best.measured) || !isWithin(start)) return best;
  const progressOf = ({ measured }: Trial) =>
    measured && isWithin(measured) ? start.steppedLoss - measured.steppedLoss : -Infinity;
  const enough = trials.filter((trial) => progressOf(trial) >= progressShare * progressOf(best));
  return enough.sort((a, b) => a.rate - b.rate)[0] ?? best;
}

const firstState = (plan: RateSearchPlan): RateSearchState => ({
  trials: plan.candidates.map((rate) => ({ rate, search: null, iterations: 0, measured: null, diverged: false })),
  queue: plan.candidates.map((_, index) => index),
  start: null,
  round: 0,
  inRound: 0,
  chosen: null,
  done: 0,
  search: null,
});

/** One search after another behind one process. Iterations of trials have the branch 'learning-rate-search'. */
export function createRateSearch(plan: RateSearchPlan, parts: RateSearchParts, resume: unknown): ScaleProcess {
  const start = (resume as RateSearchState | null) ?? firstState(plan);
  const { trials } = start;
  let { queue, round, inRound, chosen, done, start: atStart } = start;
  const running = () => trials[queue[0] as number] as Trial;
  let live = parts.searchAt(chosen ?? running().rate, start.search);

  const choose = () => {
    // Trials that went further are not measured against those that did not.
    const alive = trials.filter((trial) => !trial.diverged);
    const longest = Math.max(...alive.map((trial) => trial.iterations));
    const winner = winnerOf(
      alive.filter((trial) => trial.iterations === longest),
      atStart,
    );
    if (!winner) throw new AppError('DIVERGED', `no learning rate of ${plan.candidates.join(', ')} stays finite`);
    chosen = winner.rate;
    live = parts.searchAt(chosen, null);
  };
  /** Ranks the round's trials; the best go to the next one, or the best wins. */
  const endRound = () => {
    round += 1;
    const ranked = trials.map((_, index) => index).filter((index) => !trials[index]?.diverged);
    ranked.sort((a, b) => compareTrials(trials[a] as Trial, trials[b] as Trial));
    queue = ranked.slice(0, plan.rounds[round]?.trials ?? 0);
    if (queue.length <= 1) choose();
    else live = parts.searchAt(running().rate, running().search);
  };
  const endTrial = () => {
    const trial = running();
    trial.search = trial.diverged ? null : live.state();
    queue = queue.slice(1);
    inRound = 0;
    if (queue.length === 0) endRound();
    else live = parts.searchAt(running().rate, running().search);
  };
  const iterateTrial = (): ScaleIteration => {
    const trial = running();
    inRound += 1;
    trial.iterations += 1;
    let result: ScaleIteration = {
      branch: '',
      loss: null,
      gradientNorm: null,
      objective: null,
      gradients: live.alphas().map(() => null),
    };
    try {
      atStart ??= measure(live, parts.probeDraws(), plan.probes);
      result = live.iterate();
      if (inRound >= (plan.rounds[round]?.iterations ?? 0))
        trial.measured = measure(live, parts.probeDraws(), plan.probes);
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code !== 'DIVERGED') throw cause;
      trial.diverged = true;
    }
    if (trial.measured && !Number.isFinite(trial.measured.steppedLoss + trial.measured.excess)) trial.diverged = true;
    if (trial.diverged || inRound >= (plan.rounds[round]?.iterations ?? 0)) endTrial();
    return { ...result, branch: 'learning-rate-search' };
  };

  return {
    state: (): RateSearchState =>
      structuredClone({ trials, start: atStart, queue, round, inRound, chosen, done, search: live.state() }),
    alphas: () => live.alphas(),
    iterate() {
      if (chosen === null) return iterateTrial();
      done += 1;
      return live.iterate();
    },
    finished: () => done >= parts.iterations,
    findings: () => ({
      ...live.findings?.(),
      learningRate: chosen,
      learningRateTrials: trials.map(({ rate, iterations, measured, diverged }) => ({
        rate,
        iterations,
        ...measured,
        diverged,
      })),
    }),
    dispose() {},
  };
}
