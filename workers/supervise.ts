/**
 * Watches over one attempt: passes on what the child tells, and ends it when it must end. Nothing here computes, so the process that holds the lock always
 * answers.
 *
 *   cancelled, over its time   asked to stop, killed after the grace time
 *   worker drains              asked to stop with a checkpoint, killed after the drain time
 *   lock lost, no progress     killed at once
 */
import type { Attempt, StatusSeen } from '../src/queue/attempts.ts';
import type { Handled } from '../src/queue/dispatcher.ts';
import type { Child } from './child.ts';
import { type ConclusionLimits, conclude } from './conclude.ts';
import type { FromChild } from './messages.ts';
import { progressOf } from './progress.ts';
import { createStopper } from './stopper.ts';

export interface SupervisionLimits extends ConclusionLimits {
  readonly cancelGraceMs: number;
  readonly drainMs: number;
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

export interface Supervision {
  readonly attempt: Attempt;
  readonly child: Child;
  readonly limits: SupervisionLimits;
  readonly signals: SupervisionSignals;
  readonly log: SupervisionLog;
}

/** A cancellation whose message was lost with a connection is seen in the record. */
const statusPollMs = 2000;

/** Runs the attempt to its end. 'again': somebody else shall go on. The child is dead afterwards. */
export async function supervise({ attempt, child, limits, signals, log }: Supervision): Promise<Handled> {
  const stopper = createStopper(child);
  const cancel = () => stopper.stop('cancelled', limits.cancelGraceMs);
  const lose = () => stopper.kill('lost');
  const drain = () => stopper.stop('drained', limits.drainMs);
  const reports = createReports(attempt, log, (status) => {
    if (status === null) lose();
    if (status === 'cancelling') cancel();
  });

  let heartbeat: NodeJS.Timeout | undefined;
  const beat = () => {
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => stopper.kill('hung'), limits.heartbeatMs);
  };
  const hear = (message: FromChild) => {
    beat();
    if (message.type === 'phase') reports.phase(message);
    if (message.type === 'checkpoint') reports.checkpoint(message);
    if (message.type === 'admit') reports.admit((granted) => child.send({ type: 'admitted', granted }));
    if (message.type === 'progress') reports.progress(message);
    if (message.type === 'failed') log.warn({ code: message.code, stack: message.stack }, message.message);
    if (message.type === 'done' || message.type === 'stopped' || message.type === 'failed') stopper.ending(message);
  };

  const startedAt = Date.parse(attempt.record.startedAt ?? attempt.record.createdAt);
  const overtime = longTimeout(
    () => stopper.stop('expired', limits.cancelGraceMs),
    startedAt + limits.maxRunMs - Date.now(),
  );
  const poll = setInterval(reports.poll, statusPollMs);
  const stopListening = signals.onCancel(cancel);
  signals.lost.addEventListener('abort', lose);
  signals.drain.addEventListener('abort', drain);
  try {
    child.listen(hear);
    child.send({ type: 'run', jobId: attempt.record.id, spec: attempt.spec, resume: attempt.resume });
    beat();
    if (signals.lost.aborted) lose();
    if (signals.drain.aborted) drain();
    const end = await child.ended;
    clearInterval(poll);
    // The lock may be lost because Redis is away: nothing is waited for then, and every write would be refused.
    if (stopper.reason() !== 'lost') await reports.settled();
    return await conclude(attempt, { reason: stopper.reason(), last: stopper.last(), end }, limits);
  } finally {
    clearTimeout(heartbeat);
    clearInterval(poll);
    overtime();
    stopper.dispose();
    stopListening();
    signals.lost.removeEventListener('abort', lose);
    signals.drain.removeEventListener('abort', drain);
  }
}

type Message<Type extends FromChild['type']> = Extract<FromChild, { type: Type }>;

/** Writes what the child tells, in its order. Every answer tells the status as it is: `seen`. */
function createReports(attempt: Attempt, log: SupervisionLog, seen: (status: StatusSeen) => void) {
  let writes: Promise<unknown> = Promise.resolve();
  /** Of checkpoints that come faster than they are stored, the last one is kept, with the history of all. */
  let unsaved: Message<'checkpoint'> | null = null;
  const write = (work: () => Promise<void>) => {
    writes = writes
      .then(work)
      .catch((error: unknown) => log.warn({ err: error }, 'a report of the job was not stored'));
  };
  const save = async () => {
    if (unsaved === null) return;
    const { iteration, state, history } = unsaved;
    unsaved = null;
    const outcome = await attempt.checkpoint(iteration, state, history);
    if (outcome === 'too-large')
      log.warn({ iteration }, 'the checkpoint is larger than MAX_CHECKPOINT_BYTES and was not kept');
    else seen(outcome);
  };
  return {
    settled: () => writes,
    poll: () => write(async () => seen(await attempt.status())),
    phase: ({ phase }: Message<'phase'>) =>
      write(async () => seen(await attempt.report({ phase }, { type: 'status', data: { phase } }))),
    progress(message: Message<'progress'>) {
      const { patch, data } = progressOf(message);
      write(async () => seen(await attempt.report(patch, { type: 'progress', data })));
    },
    checkpoint(message: Message<'checkpoint'>) {
      const isWaiting = unsaved !== null;
      unsaved = { ...message, history: [...(unsaved?.history ?? []), ...message.history] };
      if (!isWaiting) write(save);
    },
    /** May the artifact become visible? Not when the job is being cancelled, nor when it is another attempt's. */
    admit: (answer: (granted: boolean) => void) =>
      write(async () => {
        const status = await attempt.status();
        seen(status);
        answer(status === 'running');
      }),
  };
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
