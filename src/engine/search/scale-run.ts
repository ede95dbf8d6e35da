/**
 * The common loop of every search over scales: cancellable iterations, metrics, checkpoints, and the scaled weights.
 *
 * A search is a ScaleProcess: it owns the scales and performs one iteration at a time; its complete state is plain JSON.
 */
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import type { ParamPartition } from '../feeding/tuned-params.ts';
import {
  betweenIterations,
  type IterationMetrics,
  type MethodResult,
  type Problem,
  type RunControl,
  type Weights,
} from '../run.ts';
import { type LargestParameter, largestParameter } from './divergence.ts';

/** The result of one iteration. */
export interface ScaleIteration {
  readonly branch: string;
  /** Null for a trial that diverged. */
  readonly loss: number | null;
  readonly gradientNorm: number | null;
  /** Loss after the simulated step; absent in searches without one. */
  readonly steppedLoss?: number | null;
  readonly objective: number | null;
  /** dJ/dalpha before clipping, in the order of the tuned parameters; null where nothing was updated. */
  readonly gradients: readonly (number | null)[];
}

export interface ScaleProcess {
  /** The state as plain JSON; a process that is restored from it continues with the same bytes. */
  state(): unknown;
  /** alpha of every tuned parameter, in order. */
  alphas(): readonly number[];
  /** Throws DIVERGED. */
  iterate(): ScaleIteration;
  /** True when the search ended before its last iteration; absent in searches that never do. */
  finished?(): boolean;
  /** Further findings of the search. */
  findings?(): Readonly<Record<string, unknown>>;
  dispose(): void;
}

export interface ScaleRunOptions {
  readonly method: string;
  readonly iterations: number;
  /** Advice in the error of a run that diverges. */
  readonly advice: string;
}

interface SavedRun {
  readonly method: string;
  readonly iteration: number;
  readonly tuned: number;
  readonly search: unknown;
}

/** W_i times its scale, float32. Parameters without a scale are unchanged. */
export function applyScales(
  weights: Weights,
  partition: ParamPartition,
  alphas: readonly number[],
): Map<string, NDArray<'float32'>> {
  const scaled = new Map(weights);
  partition.tuned.forEach(({ name }, k) => {
    const weight = scaled.get(name) as NDArray<'float32'>;
    const alpha = alphas[k] ?? 1;
    scaled.set(
      name,
      ndarray(
        'float32',
        weight.shape,
        weight.data.map((value) => value * alpha),
      ),
    );
  });
  return scaled;
}

function readSaved(resume: unknown, method: string, partition: ParamPartition): SavedRun | null {
  if (resume === null || resume === undefined) return null;
  const saved = resume as SavedRun;
  if (saved.method !== method || saved.tuned !== partition.tuned.length || !Number.isInteger(saved.iteration)) {
    throw new AppError('CHECKPOINT_MISMATCH', `the saved state is not one of this ${method} run`);
  }
  return structuredClone(saved);
}

/** Adds the iteration, the parameter with the largest element and the advice to the error of a diverging run. */
function inIteration<T>(iteration: number, advice: string, suspect: () => LargestParameter, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'DIVERGED') throw cause;
    const { name, size } = suspect();
    const named =
      cause.details.parameter === undefined ? `; the largest weight is in ${name} (${size.toPrecision(3)})` : '';
    throw new AppError('DIVERGED', `iteration ${iteration}: ${cause.message}${named}; try ${advice}`, {
      cause,
      details: { parameter: name, ...cause.details, iteration },
    });
  }
}

/**
 * Runs a search until its end, or until `control.enough` aborts.
 *
 * @param create creates the process, from the state of a checkpoint where there is one
 * Throws CANCELLED, DIVERGED with the number of the iteration, CHECKPOINT_MISMATCH.
 */
export async function runScales(
  problem: Problem,
  control: RunControl,
  partition: ParamPartition,
  { method, iterations, advice }: ScaleRunOptions,
  create: (resume: unknown) => ScaleProcess,
): Promise<MethodResult> {
  const saved = readSaved(control.resume, method, partition);
  const named = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(partition.tuned.map(({ name }, k) => [name, values[k] as T]));
  const process = create(saved?.search ?? null);
  const suspect = () => largestParameter(partition, problem.weights, process.alphas());
  try {
    let done = saved?.iteration ?? 0;
    while (done < iterations && !process.finished?.() && !control.enough.aborted) {
      await betweenIterations(control.signal);
      const start = performance.now();
      const { gradients, ...numbers } = inIteration(done, advice, suspect, () => process.iterate());
      const updated = Object.entries(named(gradients)).filter((entry): entry is [string, number] => entry[1] !== null);
      const metrics: IterationMetrics = {
        iteration: done,
        iterations,
        ...numbers,
        seconds: (performance.now() - start) / 1000,
        scaleGradients: Object.fromEntries(updated),
        scales: named(process.alphas()),
      };
      done += 1;
      control.onIteration(metrics);
      control.saveState(
        (): SavedRun => ({ method, iteration: done, tuned: partition.tuned.length, search: process.state() }),
      );
    }
    return {
      weights: applyScales(problem.weights, partition, process.alphas()),
      scales: named(process.alphas()),
      skipped: partition.skipped,
      ...(process.findings ? { findings: process.findings() } : {}),
    };
  } finally {
    process.dispose();
  }
}
