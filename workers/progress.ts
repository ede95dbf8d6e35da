/** Converts a progress message of the child for the job's record and event stream. */
import type { JobMetrics, JobProgress, JobRecord } from '../src/contract/job-state.ts';
import type { FromChild } from './messages.ts';

type ProgressMessage = Extract<FromChild, { type: 'progress' }>;

/** The change of the job's record, and the data of the event. */
export function progressOf({ line, secondsPerIteration, scales }: ProgressMessage): {
  patch: Pick<JobRecord, 'progress' | 'metrics'>;
  data: object;
} {
  const done = line.iteration + 1;
  const etaSeconds = secondsPerIteration === null ? null : rounded((line.iterations - done) * secondsPerIteration);
  const progress: JobProgress = { iteration: done, iterations: line.iterations, etaSeconds };
  const metrics: JobMetrics = {
    branch: line.branch,
    loss: line.loss,
    gradientNorm: line.gradientNorm,
    objective: line.objective,
    secondsPerIteration: secondsPerIteration === null ? null : rounded(secondsPerIteration),
  };
  const data = { ...progress, ...metrics, seconds: rounded(line.seconds), ...(scales === null ? {} : { scales }) };
  return { patch: { progress, metrics }, data };
}

/** Rounds to 0.1 ms, below the noise of the measurement. */
const rounded = (seconds: number) => Math.round(seconds * 1e4) / 1e4;
