/** What a run of the engine is given, how it is steered and watched, and what it gives back. */
import type { SampleSource } from '../batch.ts';
import type { NDArray } from '../ndarray.ts';
import type { Topology } from '../topology/topology.ts';
import type { Execution } from './graph/compile.ts';
import type { LossName } from './losses/specs.ts';

export type Weights = ReadonlyMap<string, NDArray<'float32'>>;

/** Another network that was trained. */
export interface SourceNetwork {
  /** With logits as its output, as the problem's. */
  readonly topology: Topology;
  readonly weights: Weights;
}

/** The problem that a method initialises for. */
export interface Problem {
  /** With the final softmax or sigmoid made linear: its output are logits. */
  readonly topology: Topology;
  /** As the topology's own initialisers drew them, or as the user gave them; statistics included. */
  readonly weights: Weights;
  /** Null for methods that need no data. */
  readonly samples: SampleSource | null;
  /** Null when there is no data to fix it by. */
  readonly loss: { readonly name: LossName; readonly options: Readonly<Record<string, unknown>> } | null;
  readonly seed: number;
  /** What a method that reuses the weights of another network takes them from. */
  readonly source?: SourceNetwork;
  /** Recorded draws instead of seeded ones (replay of a reference case). */
  readonly recordedDraws?: readonly (readonly number[])[];
}

/** One line of the history. Numbers that a method does not have are left out; null where an iteration has none. */
export interface IterationMetrics {
  readonly iteration: number;
  /** Total, so that a reader sees the progress from one line. */
  readonly iterations: number;
  readonly branch: string;
  readonly loss: number | null;
  readonly gradientNorm: number | null;
  /** Loss after the simulated step. */
  readonly steppedLoss?: number | null;
  readonly objective: number | null;
  readonly seconds: number;
  /** dJ/dalpha before clipping, by parameter name. */
  readonly scaleGradients?: Readonly<Record<string, number>>;
  readonly scales?: Readonly<Record<string, number>>;
}

/** How a run is steered and watched. */
export interface RunControl {
  readonly signal: AbortSignal;
  /** Once it aborts, an iterative method ends after the iteration at hand and gives what it has. */
  readonly enough: AbortSignal;
  readonly execution: Execution;
  onIteration(metrics: IterationMetrics): void;
  /** A state that `saveState` was given by an earlier run of the same specification. */
  readonly resume: unknown;
  /**
   * Called after every iteration. `state` gives all that a run needs to go on, JSON but for arrays (NDArray); it may be called at any later time at which
   * the run waits, and gives the state of that time. Cheap as long as it is not called.
   */
  saveState(state: () => unknown): void;
}

/** Factors on the training rate of every parameter by its name, for optimizers whose steps grow with the gradient and for those whose steps do not. */
export interface LearningRateMultipliers {
  readonly sgd: Readonly<Record<string, number>>;
  readonly adam: Readonly<Record<string, number>>;
}

export interface SkippedParameter {
  readonly parameter: string;
  readonly reason: string;
}

export interface MethodResult {
  readonly weights: Weights;
  /** Final scale of every tuned parameter. */
  readonly scales?: Readonly<Record<string, number>>;
  readonly skipped?: readonly SkippedParameter[];
  /** Factors on the training rate, by optimizer and parameter, that belong to the weights; the training of a job uses them. */
  readonly learningRateMultipliers?: LearningRateMultipliers;
  /** What else the method found out, for the report. */
  readonly findings?: Readonly<Record<string, unknown>>;
  /** The topology that the weights belong to when the method had to change it: with the final activation as it was posted. */
  readonly patchedTopology?: Topology;
}

/** Lets timers, signals and messages of the process run between two iterations, then throws CANCELLED if the run was aborted. */
export async function betweenIterations(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
