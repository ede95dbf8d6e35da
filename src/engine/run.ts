/** The input, the control and the result of a run of the engine. */
import type { SampleSource } from '../batch.ts';
import type { NDArray } from '../ndarray.ts';
import type { Topology } from '../topology/topology.ts';
import type { Execution } from './graph/compile.ts';
import type { RunLoss } from './losses/run-loss.ts';

export type Weights = ReadonlyMap<string, NDArray<'float32'>>;

/** Another, trained network. */
export interface SourceNetwork {
  /** The topology without a final softmax or sigmoid, like that of the problem. */
  readonly topology: Topology;
  readonly weights: Weights;
}

/** The problem for which a method computes initial weights. */
export interface Problem {
  /** The topology without a final softmax or sigmoid, so that its outputs are logits. */
  readonly topology: Topology;
  /** Weights drawn by the topology's own initialisers or given by the user; statistics included. */
  readonly weights: Weights;
  /** Null for methods that need no data. */
  readonly samples: SampleSource | null;
  /** Null when there is no data to fix it by. */
  readonly loss: RunLoss | null;
  readonly seed: number;
  /** The network from which a method takes weights. */
  readonly source?: SourceNetwork;
  /** Recorded draws instead of seeded ones, to replay a reference case. */
  readonly recordedDraws?: readonly (readonly number[])[];
}

/** One line of the history. Values that a method does not have are absent; null where an iteration has none. */
export interface IterationMetrics {
  readonly iteration: number;
  /** Total number of iterations, repeated in every line. */
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

/** Controls and observes a run. */
export interface RunControl {
  readonly signal: AbortSignal;
  /** When it aborts, an iterative method ends after the current iteration and returns its current result. */
  readonly enough: AbortSignal;
  readonly execution: Execution;
  onIteration(metrics: IterationMetrics): void;
  /** A state that `saveState` received in an earlier run of the same specification. */
  readonly resume: unknown;
  /**
   * Called after every iteration. `state` returns everything that a run needs to continue, as JSON except for arrays (NDArray). It may be called
   * whenever the run waits, and returns the state of that time. It costs nothing unless it is called.
   */
  saveState(state: () => unknown): void;
}

/** Factors on the training rate of every parameter by name, for optimizers whose steps are proportional to the gradient and for those whose steps are not. */
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
  /** Factors on the training rate, by optimizer and parameter, that belong to the weights; the training of a job applies them. */
  readonly learningRateMultipliers?: LearningRateMultipliers;
  /** Further findings of the method, for the report. */
  readonly findings?: Readonly<Record<string, unknown>>;
  /** The topology of the weights when the method changed it, with the final activation as posted. */
  readonly patchedTopology?: Topology;
}

/** Processes timers, signals and messages between two iterations, then throws CANCELLED if the run was aborted. */
export async function betweenIterations(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
