/** Derives the result of a job from the end of an attempt. */
import type { JobRecord } from '../src/contract/job-state.ts';
import { isRetryable } from '../src/contract/retry-policy.ts';
import type { Attempt } from '../src/queue/attempts.ts';
import type { Handled } from '../src/queue/dispatcher.ts';
import { type ChildEnd, describeEnd } from './child.ts';
import type { LastMessage, StopReason } from './stopper.ts';

export interface Ending {
  /** The reason for which the child was asked to stop; null when it was not. */
  readonly reason: StopReason | null;
  /** The last message of the child; null when it died without one. */
  readonly last: LastMessage | null;
  readonly end: ChildEnd;
}

export interface ConclusionLimits {
  readonly maxRunMs: number;
  readonly heartbeatMs: number;
  /** Limit of the resident memory of the process of a run. */
  readonly maxMemoryBytes: number;
}

/** Writes the final status of the job, or leaves the job for another attempt. */
export async function conclude(
  attempt: Attempt,
  { reason, last, end }: Ending,
  limits: ConclusionLimits,
): Promise<Handled> {
  const finish = async (
    to: 'succeeded' | 'failed' | 'cancelled' | 'expired',
    error: JobRecord['error'] = null,
  ): Promise<Handled> => ((await attempt.finish(to, error === null ? {} : { error })) ? 'done' : { againMs: 0 });
  /** The write is refused where another attempt owns the job, which then also has its queue entry. */
  const leave = async (failed: boolean, why: string): Promise<Handled> => ({
    againMs: (await attempt.release(failed, why)) ?? 0,
  });
  const failOrRepeat = (error: NonNullable<JobRecord['error']>, text: string): Promise<Handled> =>
    attempt.isLast ? finish('failed', error) : leave(true, text);
  const lose = (why: string): Promise<Handled> =>
    failOrRepeat({ code: 'WORKER_LOST', message: lostMessage(attempt, why) }, why);

  if (last?.type === 'done') return finish(last.cut ? 'cancelled' : 'succeeded');
  // Redis was unavailable, and possibly no other worker runs the job yet: this attempt does not count as a failure of the job.
  if (reason === 'lost') return leave(false, 'its worker lost the queue');
  if ((await attempt.status()) === 'cancelling') return finish('cancelled');
  if (reason === 'expired') {
    const message = `the job ran longer than its limit of ${limits.maxRunMs / 1000} seconds`;
    return finish('expired', { code: 'JOB_EXPIRED', message });
  }
  if (reason === 'memory') return finish('failed', { code: 'OUT_OF_MEMORY', message: memoryMessage(limits) });
  if (reason === 'hung') return lose(`it made no progress for ${limits.heartbeatMs / 1000} seconds and was killed`);
  if (last?.type === 'failed') {
    const { code, message } = last;
    // Another attempt owns the job and decides its result.
    if (code === 'ATTEMPT_FENCED') return leave(false, message);
    return isRetryable(attempt.policy, last)
      ? failOrRepeat({ code, message }, `${code}: ${message}`)
      : finish('failed', { code, message });
  }
  if (reason === 'drained') return leave(false, 'its worker was told to end');
  if (reason === 'paused') return leave(false, 'its pause was taken back');
  return lose(describeEnd(end));
}

const memoryMessage = ({ maxMemoryBytes }: ConclusionLimits) =>
  `the process of the run held more than ${maxMemoryBytes} bytes of memory (MAX_RUN_MEMORY_BYTES) and was ended; ` +
  'take a smaller network, batch or dataset, or a worker with more memory';

const lostMessage = ({ policy }: Attempt, why: string) =>
  `${policy.maxAttempts} attempts were lost or failed; the last one: ${why}`;
