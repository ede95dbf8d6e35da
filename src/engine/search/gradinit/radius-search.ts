/**
 * Finds how far the scales should move, if at all, by short trainings from the result of every radius.
 *
 * Plan and cost: ./radius-search-plan.ts. Decisions: ./radius-search-decisions.ts. The result is scale 1 or the scales of the best radius, but never
 * scales that were measured to be no better than scale 1. The run is a list of tasks, which are iterations over the scales or short trainings;
 * between two rounds the decisions create the next list. An interrupted training is repeated from its first step, which gives the same bytes.
 */
import { AppError } from '../../../errors.ts';
import type { ShortTraining } from '../../training/short-training.ts';
import type { ScaleIteration, ScaleProcess } from '../scale-run.ts';
import { bestRate, compareWithStart, isBetter, meanOf, readGate, scoreOf, start } from './radius-search-decisions.ts';
import type { RadiusSearchPlan } from './radius-search-plan.ts';
import { type Candidate, findingsOf, firstState, type RadiusSearchState, type Task } from './radius-search-state.ts';

export interface RadiusSearchParts {
  /** Iterations over the scales at a rate, restored from a saved state where there is one. */
  searchAt(rate: number, saved: unknown): ScaleProcess;
  readonly training: Omit<ShortTraining, 'start'> & {
    start(alphas: readonly number[], settings: Parameters<ShortTraining['start']>[1]): void;
  };
  /** Number of optimizers of the trainings. */
  readonly optimizers: number;
  /** Number of scales. */
  readonly scales: number;
}

/** A loss that rises does so in the first steps, so that it is measured after 1, 2, 4, ... steps. */
const isPowerOfTwo = (count: number) => (count & (count - 1)) === 0;

const isDivergence = (cause: unknown) => cause instanceof AppError && cause.code === 'DIVERGED';

/** Iterations over the scales report their own branches, steps of a training the branch 'short-training'. */
export function createRadiusSearch(plan: RadiusSearchPlan, parts: RadiusSearchParts, resume: unknown): ScaleProcess {
  const state = structuredClone((resume as RadiusSearchState | null) ?? firstState(parts.scales));
  const { candidates, measurements } = state;
  const { training, optimizers } = parts;
  const [shortHorizon, longHorizon] = plan.horizons;
  const each = <T>(make: (optimizer: number) => readonly T[]) =>
    Array.from({ length: optimizers }, (_, k) => k).flatMap(make);
  /** The running iterations over the scales, which are at iteration `state.done`. */
  let live: ScaleProcess | null = null;
  let inTraining = false;

  const sweepOf = (candidate: number, watched = false): Task[] =>
    each((optimizer) =>
      plan.rateFactors.map((rateFactor) => ({
        kind: 'train',
        candidate,
        optimizer,
        rateFactor,
        seed: 0,
        steps: shortHorizon,
        watched,
      })),
    );
  const addCandidate = (radius: number, iterations: number): number =>
    candidates.push({ radius, iterations, alphas: candidates[start]?.alphas ?? [], diverged: false }) - 1;
  const candidateTasks = (radius: number): Task[] => {
    const candidate = addCandidate(radius, plan.iterations[0]);
    return [{ kind: 'tune', candidate, steps: plan.iterations[0] }, ...sweepOf(candidate)];
  };
  /** The long trainings of a candidate, at the rates that were best for `measured` in the short ones. */
  const finalTasks = (candidate: number, measured: number): Task[] =>
    each((optimizer) => {
      const rateFactor = bestRate(measurements, { candidate: measured, optimizer, horizon: shortHorizon });
      return Array.from(
        { length: plan.seeds },
        (_, seed) =>
          ({
            kind: 'train',
            candidate,
            optimizer,
            rateFactor,
            seed: seed + 1,
            steps: longHorizon,
            watched: false,
          }) as const,
      );
    });

  const keepStart = (reason: string) => {
    state.verdict = { candidate: start, reason, comparison: null };
  };
  const afterGate = () => {
    state.gate = readGate(measurements, shortHorizon);
    if (plan.gate && state.gate.wellConditioned)
      keepStart(
        'the loss does not rise at the rate that will train: the network is well conditioned and nothing is needed',
      );
    else state.tasks = plan.radii.flatMap(candidateTasks);
  };
  const afterRadii = () => {
    const score = (candidate: number) => scoreOf(measurements, candidate, shortHorizon, optimizers);
    const ranked = [...candidates.keys()].filter((candidate) => candidate !== start && score(candidate) < score(start));
    ranked.sort((a, b) => score(a) - score(b));
    if (!candidates.some((_, candidate) => Number.isFinite(score(candidate))))
      throw new AppError(
        'DIVERGED',
        `training diverges from scale 1 and from every radius of ${plan.radii.join(', ')}`,
      );
    if (ranked.length === 0) return keepStart('no radius brought a lower loss than scale 1');
    state.tasks = [
      ...finalTasks(start, start),
      ...ranked.slice(0, plan.finalists).flatMap((measured): Task[] => {
        const candidate = addCandidate(candidates[measured]?.radius ?? 0, plan.iterations[1]);
        return [{ kind: 'tune', candidate, steps: plan.iterations[1] }, ...finalTasks(candidate, measured)];
      }),
    ];
  };
  const afterFinal = () => {
    const ranked = [...candidates.keys()]
      .filter((candidate) => candidate !== start && candidates[candidate]?.diverged === false)
      .map((candidate) => ({
        candidate,
        comparison: compareWithStart(
          measurements.filter(({ horizon, seed }) => horizon === longHorizon && seed > 0),
          candidate,
        ),
      }))
      .filter(({ comparison }) => comparison.pairs > 0 && isBetter(comparison))
      .sort((a, b) => a.comparison.difference - b.comparison.difference);
    const [best] = ranked;
    if (best)
      state.verdict = { ...best, reason: 'a lower held-out loss than scale 1 for every seed, beyond the noise' };
    else keepStart('no radius was better than scale 1 beyond the noise of the measurement');
  };
  const rounds = [
    () => {
      state.tasks = sweepOf(start, true);
    },
    afterGate,
    afterRadii,
    afterFinal,
  ];
  const nextRound = () => {
    while (state.tasks.length === 0 && state.verdict === null) {
      state.round += 1;
      rounds[state.round]?.();
    }
  };

  const endTask = () => {
    state.tasks.shift();
    state.done = 0;
    state.search = null;
    state.watch = null;
    live = null;
    inTraining = false;
    nextRound();
  };
  const nothing = (branch: string): ScaleIteration => ({
    branch,
    loss: null,
    gradientNorm: null,
    objective: null,
    gradients: Array.from({ length: parts.scales }, () => null),
  });
  /** Measures the current held-out losses and remembers the largest mean. */
  const watch = () => {
    const mean = meanOf(training.heldOutLosses());
    state.watch = { first: state.watch?.first ?? mean, largest: Math.max(state.watch?.largest ?? mean, mean) };
  };
  const train = (task: Extract<Task, { kind: 'train' }>): ScaleIteration => {
    const { kind: _, steps, watched, ...settings } = task;
    const end = (losses: number[] | null) => {
      const rise = losses && state.watch ? state.watch.largest / state.watch.first : null;
      measurements.push({ ...settings, horizon: steps, losses, rise });
      endTask();
    };
    try {
      if (!inTraining) {
        training.start(candidates[task.candidate]?.alphas ?? [], settings);
        for (let step = 0; step < state.done; step++) training.step(); // after a resume
        inTraining = true;
        if (watched && state.done === 0) watch();
      }
      const { loss, gradientNorm } = training.step();
      state.done += 1;
      if (watched && isPowerOfTwo(state.done)) watch();
      if (state.done === steps) end(training.heldOutLosses());
      return { ...nothing('short-training'), loss, gradientNorm };
    } catch (cause) {
      if (!isDivergence(cause) || state.tasks[0] !== task) throw cause;
      end(null);
      return nothing('short-training');
    }
  };
  const tune = ({ candidate, steps }: Extract<Task, { kind: 'tune' }>): ScaleIteration => {
    const tuned = candidates[candidate] as Candidate;
    live ??= parts.searchAt(tuned.radius / steps, state.search);
    try {
      const result = live.iterate();
      state.done += 1;
      tuned.alphas = live.alphas();
      if (state.done === steps) endTask();
      return result;
    } catch (cause) {
      if (!isDivergence(cause)) throw cause;
      tuned.diverged = true;
      tuned.alphas = candidates[start]?.alphas ?? [];
      state.tasks = state.tasks.filter((task, index) => index === 0 || task.candidate !== candidate);
      endTask();
      return nothing('radius-search');
    }
  };

  nextRound();
  const shown = () => candidates[state.verdict?.candidate ?? state.tasks[0]?.candidate ?? start] as Candidate;
  return {
    state: (): RadiusSearchState => structuredClone({ ...state, search: live ? live.state() : state.search }),
    alphas: () => shown().alphas,
    iterate() {
      const [task] = state.tasks;
      if (!task) throw new AppError('INTERNAL', 'the search for a radius is over');
      return task.kind === 'train' ? train(task) : tune(task);
    },
    finished: () => state.verdict !== null,
    findings: () => findingsOf(state, plan),
    dispose: () => training.dispose(),
  };
}
