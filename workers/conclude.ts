/** How an attempt ended, and what that means for its job. */
import type { JobRecord } from '../src/contract/job-state.ts';
import type { Attempt } from '../src/queue/attempts.ts';
import type { Handled } from '../src/queue/dispatcher.ts';
import { type ChildEnd, describeEnd } from './child.ts';
import type { LastMessage, StopReason } from './stopper.ts';

export interface Ending {
  /** Why the child was told to stop; null when it was not. */
  readonly reason: StopReason | null;
  /** Null when the child died without one. */
  readonly last: LastMessage | null;
  readonly end: ChildEnd;
}

export interface ConclusionLimits {
  readonly maxRunMs: number;
  readonly heartbeatMs: number;
  readonly maxAttempts: number;
}

/** Gives the job its verdict, or leaves it for another attempt ('again'). */
export async function conclude(
  attempt: Attempt,
  { reason, last, end }: Ending,
  limits: ConclusionLimits,
): Promise<Handled> {
  const finish = async (
    to: 'succeeded' | 'failed' | 'cancelled' | 'expired',
    patch: Partial<JobRecord> = {},
  ): Promise<Handled> => ((await attempt.finish(to, patch)) ? 'done' : 'again');
  const release = async (lost: boolean, why: string): Promise<Handled> => {
    await attempt.release(lost, why);
    return 'again';
  };
  if (last?.type === 'done') return finish('succeeded');
  // Somebody else may run it now: nothing is ours to say.
  if (reason === 'lost') return 'again';
  if ((await attempt.status()) === 'cancelling') return finish('cancelled');
  if (reason === 'expired') {
    const message = `the job ran longer than its limit of ${limits.maxRunMs / 1000} seconds`;
    return finish('expired', { error: { code: 'JOB_EXPIRED', message } });
  }
  if (reason === 'hung')
    return release(true, `it made no progress for ${limits.heartbeatMs / 1000} seconds and was killed`);
  if (last?.type === 'failed') {
    const { code, message } = last;
    return mayRetry(last, attempt.record.attempt, limits)
      ? release(true, `${code}: ${message}`)
      : finish('failed', { error: { code, message } });
  }
  if (reason === 'drained') return release(false, 'its worker was told to end');
  return release(true, describeEnd(end));
}

/** A store or a server that was away may be back; a bug of ours is not mended by trying again. */
function mayRetry(
  { code, permanent }: Extract<LastMessage, { type: 'failed' }>,
  attempt: number,
  { maxAttempts }: ConclusionLimits,
): boolean {
  if (code === 'ATTEMPT_FENCED') return true;
  return !permanent && code !== 'INTERNAL' && attempt < maxAttempts;
}
