/** The state of a job as the API, the queue and clients see it. */
import { type Static, Type } from 'typebox';
import { JobEcho } from './job-echo.ts';
import { jobPhases, jobStatuses } from './job-status.ts';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Timestamp = Type.String({ description: 'ISO 8601, UTC.' });

export const JobProgress = Type.Object({
  iteration: Type.Integer(),
  iterations: nullable(Type.Integer()),
  etaSeconds: nullable(
    Type.Number({
      description:
        'Until the last iteration of this phase, by the mean of those that were timed; null before two were, while nobody iterates, and when the job is over.',
    }),
  ),
});
export type JobProgress = Static<typeof JobProgress>;

/** Metrics of the last reported iteration. They are finite: a run with a value that is not finite fails. */
export const JobMetrics = Type.Object({
  branch: nullable(Type.String()),
  loss: nullable(Type.Number()),
  gradientNorm: nullable(Type.Number()),
  objective: nullable(Type.Number()),
  secondsPerIteration: nullable(Type.Number()),
});
export type JobMetrics = Static<typeof JobMetrics>;

export const JobError = Type.Object({ code: Type.String(), message: Type.String() });
export type JobError = Static<typeof JobError>;

/** The stored record of a job. `links` and `queuePosition` are added by the API in its answers. */
export const JobRecord = Type.Object({
  id: Type.String(),
  status: Type.Enum(jobStatuses),
  phase: nullable(Type.Enum(jobPhases)),
  /** Number of executions that have begun. */
  attempt: Type.Integer(),
  /** Number of attempts since the job was queued that were lost or failed; `retry.maxAttempts` bounds it. */
  failures: Type.Integer(),
  /** In the phase `waiting`: the time before which the next attempt does not begin. */
  nextAttemptAt: nullable(Timestamp),
  /** Name of the API key that owns the job; '' when the service runs without keys. */
  owner: Type.String(),
  method: Type.String(),
  /** The id of the comparison that the job belongs to. */
  comparison: nullable(Type.String()),
  specification: JobEcho,
  createdAt: Timestamp,
  startedAt: nullable(Timestamp),
  finishedAt: nullable(Timestamp),
  progress: JobProgress,
  metrics: nullable(JobMetrics),
  error: nullable(JobError),
  /** The device that ran the job, for example "cpu" or "NVIDIA H100 (gpu 0)"; null before it ran. */
  device: nullable(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
});
export type JobRecord = Static<typeof JobRecord>;

/** One entry of a job's event stream. `id` increases; a client resumes the stream after it (Last-Event-ID). */
export interface JobEvent {
  readonly id: string;
  readonly type: 'status' | 'progress' | 'log';
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}
