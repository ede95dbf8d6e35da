/** The state of a search for a radius, complete and plain JSON, and what the report says of it. */
import { type Comparison, type GateReading, type Measurement, start } from './radius-search-decisions.ts';
import type { RadiusSearchPlan } from './radius-search-plan.ts';

export type Task =
  | { readonly kind: 'tune'; readonly candidate: number; readonly steps: number }
  | ({
      readonly kind: 'train';
      readonly steps: number;
      /** Whether the rise of the loss is measured. */
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

/** Plain JSON, complete. */
export interface RadiusSearchState {
  /** -1 before round 0. */
  round: number;
  /** Those of the round that are not done, the running one first. */
  tasks: Task[];
  /** Steps done of the running task. */
  done: number;
  readonly candidates: Candidate[];
  readonly measurements: Measurement[];
  gate: GateReading | null;
  verdict: Verdict | null;
  /** Of the running iterations over the scales; null outside of them. */
  search: unknown;
  /** Mean held-out loss before the running training and the largest since then; null outside of a watched one. */
  watch: { first: number; largest: number } | null;
}

/** Before the first round. */
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

/** What the report says of a search: the decision, what it rests on, and what every radius was measured at. */
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
    /** What the search took; `costOf` bounds it before. */
    cost: {
      iterations: candidates.reduce((sum, { iterations }) => sum + iterations, 0),
      trainingSteps: measurements.reduce((sum, { horizon }) => sum + horizon, 0),
    },
  };
}
