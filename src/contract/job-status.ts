/** The statuses of a job and the transitions between them. A status without a transition is final. */

export const jobStatuses = [
  'queued',
  'paused',
  'running',
  'pausing',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** `waiting`: an attempt ended without a result, and the next one has not begun. */
export const jobPhases = ['loading', 'initializing', 'training', 'finalizing', 'waiting'] as const;
export type JobPhase = (typeof jobPhases)[number];

/**
 * queued -> running -> (cancelling ->) succeeded | failed | cancelled; queued -> cancelled | expired.
 * queued, running (-> pausing) -> paused -> queued | cancelled | expired.
 *
 * An attempt that ends without a result (because its worker died or drains) does not change the status: the job stays `running`, in the phase
 * `waiting`, until the next attempt begins.
 */
const next: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['running', 'paused', 'cancelled', 'expired', 'failed'],
  paused: ['queued', 'cancelled', 'expired'],
  running: ['pausing', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled', 'expired'],
  pausing: ['running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled', 'expired'],
  cancelling: ['cancelled', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
  expired: [],
};

const canMove = (from: JobStatus, to: JobStatus): boolean => next[from].includes(to);
export const isTerminal = (status: JobStatus): boolean => next[status].length === 0;
export const terminalStatuses: readonly JobStatus[] = jobStatuses.filter(isTerminal);
export const openStatuses: readonly JobStatus[] = jobStatuses.filter((status) => !isTerminal(status));
/** The statuses from which `to` can be reached, for the compare-and-set in the store. */
export const statusesBefore = (to: JobStatus): JobStatus[] => jobStatuses.filter((from) => canMove(from, to));
