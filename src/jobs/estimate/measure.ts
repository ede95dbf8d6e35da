/** What a finished run took, and under which name that is remembered: runs of the same network, method, options and device take the same again. */
import { createHash } from 'node:crypto';
import type { JobSpec } from '../../contract/job-spec.ts';
import type { ConfiguredMethod } from '../../engine/methods/index.ts';
import { describe, type LayerRow } from '../../topology/summary.ts';
import type { RunOutcome } from '../run.ts';

/** Times in seconds. */
export interface Measurement {
  /** Iterations that the options asked for; null for methods without. */
  readonly asked: number | null;
  /** Iterations that were made: a search for the learning rate makes others than were asked for. */
  readonly iterations: number;
  readonly secondsPerIteration: number;
  readonly secondsPerEpoch: number;
  /** Opening the data, building graphs, writing the artifacts. */
  readonly otherSeconds: number;
  /** Largest resident memory of the process, in bytes. */
  readonly peakBytes: number;
}

export interface Work {
  readonly layers: readonly LayerRow[];
  readonly method: ConfiguredMethod;
  readonly spec: Pick<JobSpec, 'dataset' | 'training'>;
}

/**
 * The name of runs that take the same for each iteration and each epoch. Neither the number of iterations nor the size of a given learning rate counts; what an
 * epoch takes depends on the data.
 */
export function workKey({ layers, method, spec }: Work): string {
  const { iterations: _, learningRate, ...options } = method.options as Readonly<Record<string, unknown>>;
  const network = layers.map(({ className, outputShape, params }) => [className, outputShape, params]);
  const { epochs: __, stopAfterEpochs: ___, ...training } = spec.training ?? {};
  const trained = spec.training === undefined ? null : [training, spec.dataset];
  const named = [network, method.method.name, options, learningRate === 'auto', trained];
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 32);
}

/** @param seconds from the order to run to the published artifact; null is given for a run that was cut short */
export function measure(
  { prepared, result, history, training, cut }: RunOutcome,
  spec: JobSpec,
  seconds: number,
): { readonly key: string; readonly measurement: Measurement } | null {
  if (cut !== null) return null;
  const { method, model } = prepared;
  // The first iteration builds graphs: it says nothing about the others.
  const timed = history.length > 1 ? history.slice(1) : history;
  const secondsPerIteration =
    timed.length === 0 ? 0 : timed.reduce((sum, line) => sum + line.seconds, 0) / timed.length;
  const epochs = training?.epochs.length ?? 0;
  const trainingSeconds = training?.seconds ?? 0;
  const { iterations } = method.options;
  return {
    key: workKey({ layers: describe(model.topology).rows, method, spec }),
    measurement: {
      asked: method.method.iterative && typeof iterations === 'number' ? iterations : null,
      iterations: history.length,
      secondsPerIteration,
      secondsPerEpoch: epochs === 0 ? 0 : trainingSeconds / epochs,
      otherSeconds: Math.max(0, seconds - secondsPerIteration * history.length - trainingSeconds),
      peakBytes: result.statistics.peakResidentBytes,
    },
  };
}
