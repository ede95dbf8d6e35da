/** The complete state of a search for a radius, as plain JSON, and its findings for the report. */
import { type Comparison, type GateReading, type Measurement, start } from './radius-search-decisions.ts';
import type { RadiusSearchPlan } from './radius-search-plan.ts';

export type Task =
  | { readonly kind: 'tune'; readonly candidate: number; readonly steps: number }
  | ({
      readonly kind: 'train';
      readonly steps: number;
      /** True when the rise of the loss is measured. */
      readonly watched: boolean;
    } & Omit<Measurement, 'losses' | 'horizon' | 'rise'>);

export interface Candidate {
  /** 0 for scale 1. */
  readonly radius: number;
  readonly iterations: number;
  alphas: readonly number[];
  diverged: boolean;
}

export interface Verdict {
  readonly candidate: number;
  readonly reason: string;
  readonly comparison: Comparison | null;
}

/** The complete state as plain JSON. */
export interface RadiusSearchState {
  /** -1 before round 0. */
  round: number;
  /** The unfinished tasks of the round; the first one is running. */
  tasks: Task[];
  /** Number of finished steps of the running task. */
  done: number;
  readonly candidates: Candidate[];
  readonly measurements: Measurement[];
  gate: GateReading | null;
  verdict: Verdict | null;
  /** State of the running iterations over the scales; null outside of them. */
  search: unknown;
  /** Mean held-out loss before the running training and the largest one since then; null outside of a watched training. */
  watch: { first: number; largest: number } | null;
}

/** The state before the first round. */
export const firstState = (scales: number): RadiusSearchState => ({
  round: -1,
  tasks: [],
  done: 0,
  candidates: [{ radius: 0, iterations: 0, alphas: Array.from({ length: scales }, () => 1), diverged: false }],
  measurements: [],
  gate: null,
  verdict: null,
  search: null,
  watch: null,
});

/** The findings for the report: the decision, its basis, and the measurements of every radius. */
export function findingsOf({ candidates, measurements, gate, verdict }: RadiusSearchState, plan: RadiusSearchPlan) {
  const kept = candidates[verdict?.candidate ?? start] as Candidate;
  return {
    kept: verdict === null || verdict.candidate === start ? 'start' : 'tuned',
    reason: verdict?.reason ?? null,
    radius: kept.radius,
    iterationsKept: kept.iterations,
    learningRate: kept.iterations === 0 ? null : kept.radius / kept.iterations,
    comparedWithStart: verdict?.comparison ?? null,
    gate,
    radiusTrials: candidates.map(({ radius, iterations, diverged }, candidate) => ({
      radius,
      iterations,
      diverged,
      trainings: measurements.filter((one) => one.candidate === candidate).map(({ candidate: _, ...one }) => one),
    })),
    horizons: plan.horizons,
    /** The actual cost of the search; `costOf` bounds it in advance. */
    cost: {
      iterations: candidates.reduce((sum, { iterations }) => sum + iterations, 0),
      trainingSteps: measurements.reduce((sum, { horizon }) => sum + horizon, 0),
    },
  };
}
