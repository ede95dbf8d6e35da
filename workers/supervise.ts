/**
 * Watches over one attempt: passes on what the child tells, and ends it when it must end. Nothing here computes, so the process that holds the lock always
 * answers.
 *
 *   cancelled, over its time   asked to stop, killed after the grace time
 *   worker drains              asked to stop with a checkpoint, killed after the drain time
 *   lock lost, no progress     killed at once
 */
import type { JobRecord } from '../src/contract/job-state.ts';
import type { Attempt, StatusSeen } from '../src/queue/attempts.ts';
import { type Child, type ChildEnd, describeEnd } from './child.ts';
import type { FromChild } from './messages.ts';
import { progressOf } from './progress.ts';

export interface SupervisionLimits {
  readonly heartbeatMs: number;
  readonly cancelGraceMs: number;
  readonly drainMs: number;
  /** From the first start of the job. */
  readonly maxRunMs: number;
  readonly maxAttempts: number;
}

export interface SupervisionSignals {
  /** Somebody else may run the job now. */
  readonly lost: AbortSignal;
  /** This process shall end. */
  readonly drain: AbortSignal;
  /** Calls back when the job is cancelled. Returns how to stop listening. */
  onCancel(listener: () => void): () => void;
}

export interface SupervisionLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Why a child was told to end. */
type Reason = 'cancelled' | 'expired' | 'drained' | 'hung' | 'lost';
type LastMessage = Extract<FromChild, { type: 'done' | 'stopped' | 'failed' }>;

const statusPollMs = 2000;
/** A child that has said its last word exits by itself; this is for one that does not. */
const exitMs = 2000;

/** Runs the attempt to its end. 'again': somebody else shall go on. The child is dead afterwards. */
export async function supervise(
  attempt: Attempt,
  child: Child,
  limits: SupervisionLimits,
  signals: SupervisionSignals,
  log: SupervisionLog,
): Promise<'done' | 'again'> {
  let reason: Reason | null = null;
  let last: LastMessage | null = null;
  let killer: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  /** Of checkpoints that come faster than they are stored, the last one is kept, with the history of all. */
  let unsaved: Extract<FromChild, { type: 'checkpoint' }> | null = null;
  /** Writes in the order of the messages. */
  let writes: Promise<unknown> = Promise.resolve();

  const kill = (why: Reason) => {
    reason = why;
    child.kill();
  };
  const stop = (why: Reason, graceMs: number) => {
    if (reason !== null || last !== null) return;
    reason = why;
    child.send({ type: 'stop' });
    killer = setTimeout(() => child.kill(), graceMs);
  };
  const beat = () => {
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => kill('hung'), limits.heartbeatMs);
  };
  const cancel = () => stop('cancelled', limits.cancelGraceMs);
  const seen = (status: StatusSeen) => {
    if (status === null) kill('lost');
    if (status === 'cancelling') cancel();
  };
  const write = (work: () => Promise<void>) => {
    writes = writes
      .then(work)
      .catch((error: unknown) => log.warn({ err: error }, 'a report of the job was not stored'));
  };

  const handle = (message: FromChild): void => {
    beat();
    if (message.type === 'phase') {
      const { phase } = message;
      write(async () => seen(await attempt.report({ phase }, { type: 'status', data: { phase } })));
    }
    if (message.type === 'progress') {
      const { patch, data } = progressOf(message);
      write(async () => seen(await attempt.report(patch, { type: 'progress', data })));
    }
    if (message.type === 'checkpoint') {
      const waiting = unsaved !== null;
      unsaved = { ...message, history: [...(unsaved?.history ?? []), ...message.history] };
      if (waiting) return;
      write(async () => {
        if (unsaved === null) return;
        const { iteration, state, history } = unsaved;
        unsaved = null;
        const outcome = await attempt.checkpoint(iteration, state, history);
        if (outcome === 'too-large')
          log.warn({ iteration }, 'the checkpoint is larger than MAX_CHECKPOINT_BYTES and was not kept');
        else seen(outcome);
      });
    }
    if (message.type === 'admit') {
      write(async () => {
        const status = await attempt.status();
        seen(status);
        child.send({ type: 'admitted', granted: status === 'running' });
      });
    }
    if (message.type === 'done' || message.type === 'stopped' || message.type === 'failed') {
      last = message;
      if (message.type === 'failed') log.warn({ code: message.code, stack: message.stack }, message.message);
      clearTimeout(killer);
      killer = setTimeout(() => child.kill(), exitMs);
    }
  };

  const startedAt = Date.parse(attempt.record.startedAt ?? attempt.record.createdAt);
  const overtime = longTimeout(() => stop('expired', limits.cancelGraceMs), startedAt + limits.maxRunMs - Date.now());
  const poll = setInterval(() => write(async () => seen(await attempt.status())), statusPollMs);
  const stopListening = signals.onCancel(cancel);
  const onLost = () => kill('lost');
  const onDrain = () => stop('drained', limits.drainMs);
  signals.lost.addEventListener('abort', onLost);
  signals.drain.addEventListener('abort', onDrain);
  try {
    child.listen(handle);
    child.send({ type: 'run', jobId: attempt.record.id, spec: attempt.spec, resume: attempt.resume });
    beat();
    if (signals.lost.aborted) onLost();
    if (signals.drain.aborted) onDrain();
    const end = await child.ended;
    clearInterval(poll);
    // A lock that is lost was perhaps lost because Redis is away: nothing is waited for, and every write would be refused.
    if (reason === 'lost') return 'again';
    await writes;
    return await conclude(attempt, { reason, last, end }, limits);
  } finally {
    for (const timer of [killer, heartbeat, poll]) clearTimeout(timer);
    overtime();
    stopListening();
    signals.lost.removeEventListener('abort', onLost);
    signals.drain.removeEventListener('abort', onDrain);
  }
}

interface Ending {
  readonly reason: Reason | null;
  readonly last: LastMessage | null;
  readonly end: ChildEnd;
}

async function conclude(
  attempt: Attempt,
  { reason, last, end }: Ending,
  limits: SupervisionLimits,
): Promise<'done' | 'again'> {
  const finish = async (to: 'succeeded' | 'failed' | 'cancelled' | 'expired', patch: Partial<JobRecord> = {}) =>
    (await attempt.finish(to, patch)) ? 'done' : 'again';
  const release = async (lost: boolean, why: string) => {
    await attempt.release(lost, why);
    return 'again' as const;
  };
  if (last?.type === 'done') return finish('succeeded');
  if (reason === 'lost') return 'again';
  if ((await attempt.status()) === 'cancelling') return finish('cancelled');
  if (reason === 'expired') {
    const message = `the job ran longer than its limit of ${limits.maxRunMs / 1000} seconds`;
    return finish('expired', { error: { code: 'JOB_EXPIRED', message } });
  }
  if (reason === 'hung')
    return release(true, `it made no progress for ${limits.heartbeatMs / 1000} seconds and was killed`);
  if (last?.type === 'failed') {
    const { code, message, permanent } = last;
    const retry =
      (!permanent && code !== 'INTERNAL' && attempt.record.attempt < limits.maxAttempts) || code === 'ATTEMPT_FENCED';
    return retry ? release(true, `${code}: ${message}`) : finish('failed', { error: { code, message } });
  }
  if (reason === 'drained') return release(false, 'its worker was told to end');
  return release(true, describeEnd(end));
}

/** Node's timers overflow after 25 days. Returns the cancellation. */
function longTimeout(action: () => void, delayMs: number): () => void {
  const longest = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.max(0, Math.min(left, longest)));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
