/** A cell as a job: what runJob does after the initialisation, and what the report of such a job says. TensorFlow is loaded when it runs. */
import type { JsonObject } from '../artifacts/index.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { TrainingProtocol } from '../contract/training-protocol.ts';
import { fitDataset } from '../datasets/index.ts';
import type { InitializeResult } from '../engine/index.ts';
import type { RunControl } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import type { PreparedRun, Sources } from '../jobs/prepare.ts';
import { splitHead } from '../topology/structure/head.ts';
import { openData } from './data.ts';
import type { CellResult, TrainingResult } from './plan/cell.ts';

/** The network that the weights belong to: the method's own where it had to change it. */
function trainedTopology(prepared: PreparedRun, result: InitializeResult) {
  if (result.patchedTopology === undefined) return prepared.problem.topology;
  return splitHead(result.patchedTopology).topology;
}

/**
 * `RunDependencies.train` of src/jobs/run.ts: trains by `spec.training` from the weights that were just made.
 *
 * @throws INVALID_INPUT without samples to test on, BATCH_TOO_LARGE, DIVERGED before the first step, what the datasets throw
 */
export function createTrain(sources: Pick<Sources, 'openDataset'>) {
  return async (
    spec: JobSpec,
    prepared: PreparedRun,
    result: InitializeResult,
    control: Partial<RunControl>,
  ): Promise<JsonObject> => {
    const { problem, dataset } = prepared;
    const { training, dataset: wish } = spec;
    if (!training || !wish || !dataset || !problem.samples || !problem.loss)
      throw new AppError('INTERNAL', 'a job without data cannot train');
    const { test, ...protocol } = training;
    const data = await openData({ dataset: wish, ...(test ? { test } : {}) }, sources);
    const topology = trainedTopology(prepared, result);
    const { trainFrom } = await import('./train.ts');
    const measured = await trainFrom(
      {
        topology,
        weights: result.weights,
        samples: problem.samples,
        test: test ? fitDataset(data.test as typeof data.dataset, topology) : (dataset.validation ?? data.test),
        loss: problem.loss,
        protocol: protocol as TrainingProtocol,
        seed: spec.seed,
      },
      {
        signal: control.signal ?? new AbortController().signal,
        execution: control.execution ?? 'graph',
        onIteration: (metrics) => control.onIteration?.(metrics),
        resume: null,
        saveState: () => {},
      },
    );
    return JSON.parse(JSON.stringify(measured)) as JsonObject;
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The numbers of a cell out of its job's report.json. Null when the report is not one of a job that trained. */
export function resultOfReport(report: unknown): CellResult | null {
  if (
    !isObject(report) ||
    !isObject(report.training) ||
    !isObject(report.statistics) ||
    !Array.isArray(report.training.epochs)
  )
    return null;
  const { start } = report.training;
  if (!isObject(start) || !Array.isArray(start.gradientNorms)) return null;
  const { seconds, peakResidentBytes } = report.statistics;
  if (typeof seconds !== 'number' || typeof peakResidentBytes !== 'number') return null;
  return {
    initialisation: {
      seconds,
      peakBytes: peakResidentBytes,
      iterations: Array.isArray(report.history) ? report.history.length : 0,
      scales: (isObject(report.scales) ? report.scales : {}) as Record<string, number>,
    },
    // The report is one of ours: buildReport and trainFrom wrote it.
    training: report.training as unknown as TrainingResult,
  };
}
