/** What a job looks like to everybody outside the worker, and which way its status may move. */
import { type Static, Type } from 'typebox';

export const jobStatuses = ['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const jobPhases = ['loading', 'initializing', 'training', 'finalizing'] as const;
export type JobPhase = (typeof jobPhases)[number];

/**
 * queued -> running -> (cancelling ->) succeeded | failed | cancelled; queued -> cancelled | expired; running -> queued is an attempt that ended
 * without a verdict (its worker died) and keeps the job's place in history: `attempt` grows, the status a client sees stays "running".
 */
const next: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['running', 'cancelled', 'expired', 'failed'],
  running: ['cancelling', 'succeeded', 'failed', 'cancelled', 'expired'],
  cancelling: ['cancelled', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
  expired: [],
};

export const canMove = (from: JobStatus, to: JobStatus): boolean => next[from].includes(to);
export const isTerminal = (status: JobStatus): boolean => next[status].length === 0;
/** The statuses from which `to` can be reached: what a compare-and-set in the store compares with. */
export const statusesBefore = (to: JobStatus): JobStatus[] => jobStatuses.filter((from) => canMove(from, to));

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Timestamp = Type.String({ description: 'ISO 8601, UTC.' });

export const JobProgress = Type.Object({
  iteration: Type.Integer(),
  iterations: nullable(Type.Integer()),
  etaSeconds: nullable(Type.Number()),
});
export type JobProgress = Static<typeof JobProgress>;

/** The last reported iteration; numbers that are not finite never get here: such a run fails. */
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

/** The stored record. `links` and `queuePosition` are added by the API when it answers. */
export const JobRecord = Type.Object({
  id: Type.String(),
  status: Type.Enum(jobStatuses),
  phase: nullable(Type.Enum(jobPhases)),
  /** Executions begun so far. */
  attempt: Type.Integer(),
  /** Name of the API key that owns it; '' without keys. */
  owner: Type.String(),
  method: Type.String(),
  createdAt: Timestamp,
  startedAt: nullable(Timestamp),
  finishedAt: nullable(Timestamp),
  progress: JobProgress,
  metrics: nullable(JobMetrics),
  error: nullable(JobError),
  /** Where it ran, for example "cpu" or "NVIDIA H100 (gpu 0)"; null before it ran. */
  device: nullable(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
});
export type JobRecord = Static<typeof JobRecord>;

/** One entry of a job's event stream. `id` grows and resumes the stream (Last-Event-ID). */
export interface JobEvent {
  readonly id: string;
  readonly type: 'status' | 'progress' | 'log';
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}
