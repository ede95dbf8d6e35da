/**
 * Supervises one attempt: forwards the reports of the child, and ends the child when necessary. This process does not compute, so that it can always
 * renew the lock of the job.
 *
 *   cancelled, over its time   asked to stop, with an artifact when the client wants one; killed after the grace time
 *   paused, worker drains      asked to stop with a checkpoint, killed after the drain time
 *   lock lost, no progress     killed at once
 *   too much memory            killed at once
 */
import type { JobProgress } from '../src/contract/job-state.ts';
import type { Attempt, StatusSeen } from '../src/queue/attempts.ts';
import type { Handled } from '../src/queue/dispatcher.ts';
import type { BlobStore } from '../src/storage/index.ts';
import type { Child } from './child.ts';
import { type ConclusionLimits, conclude } from './conclude.ts';
import { residentBytes } from './memory.ts';
import type { FromChild } from './messages.ts';
import { progressOf } from './progress.ts';
import { createStopper } from './stopper.ts';

export interface SupervisionLimits extends ConclusionLimits {
  readonly cancelGraceMs: number;
  readonly drainMs: number;
}

export interface SupervisionSignals {
  /** Aborts when the lock is lost, so that another worker may run the job. */
  readonly lost: AbortSignal;
  /** Aborts when this process must end. */
  readonly drain: AbortSignal;
  /** Calls back when the job must stop; its status has the reason. Returns a function that removes the listener. */
  onStop(listener: () => void): () => void;
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
  readonly checkpoints: Pick<BlobStore, 'remove'>;
}

/** Interval in milliseconds at which the record is read, in case a message was lost with a connection. */
const statusPollMs = 2000;
/** Interval of memory measurements in milliseconds; a step may allocate gigabytes within a second. */
const memoryPollMs = 200;

/** Supervises the attempt until its end, or until another attempt is to continue. The child has ended when this resolves. */
export async function supervise({ attempt, child, limits, signals, log, checkpoints }: Supervision): Promise<Handled> {
  const stopper = createStopper(child);
  const lose = (why: string) => {
    if (stopper.reason() !== 'lost') log.warn({ why }, 'the attempt is lost; its process is ended');
    stopper.kill('lost');
  };
  const loseLock = () => lose('its lock was not renewed in time: Redis was away, or this process stood still');
  const loseRecord = async () => {
    const exists = await attempt.isRecorded().catch(() => true);
    lose(
      exists ? 'another attempt owns the job' : 'its record is gone: the job was removed, or Redis has lost its data',
    );
  };
  const drain = () => stopper.stop('drained', limits.drainMs, 'checkpoint');
  let publishesCut = false;
  const cancel = async () => {
    if (stopper.reason() !== null) return;
    publishesCut = await attempt.keepsPartial().catch(() => false);
    // Writing the artifact takes longer than stopping, so that the grace time is extended.
    if (publishesCut) stopper.stop('cancelled', limits.cancelGraceMs + limits.drainMs, 'artifact');
    else stopper.stop('cancelled', limits.cancelGraceMs);
  };
  const discarded = createDiscarder(checkpoints, attempt, log);
  const reports = createReports(attempt, log, discarded.discard, (status) => {
    if (status === null) void loseRecord();
    if (status === 'cancelling') void cancel();
    if (status === 'pausing') stopper.stop('paused', limits.drainMs, 'checkpoint');
  });

  let heartbeat: NodeJS.Timeout | undefined;
  const beat = () => {
    clearTimeout(heartbeat);
    heartbeat = setTimeout(() => stopper.kill('hung'), limits.heartbeatMs);
  };
  const hear = (message: FromChild) => {
    beat();
    if (message.type === 'phase') reports.phase(message);
    if (message.type === 'checkpoint') {
      discarded.add(message.pointer.key);
      reports.checkpoint(message);
    }
    if (message.type === 'log') reports.log(message);
    if (message.type === 'admit')
      reports.admit(
        () => publishesCut,
        (granted) => child.send({ type: 'admitted', granted }),
      );
    if (message.type === 'progress') reports.progress(message);
    if (message.type === 'measured') reports.measured(message);
    if (message.type === 'failed') log.warn({ code: message.code, stack: message.stack }, message.message);
    if (message.type === 'done' || message.type === 'stopped' || message.type === 'failed') stopper.ending(message);
  };

  const startedAt = Date.parse(attempt.record.startedAt ?? attempt.record.createdAt);
  const overtime = longTimeout(
    () => stopper.stop('expired', limits.cancelGraceMs),
    startedAt + attempt.heldMs + limits.maxRunMs - Date.now(),
  );
  const poll = setInterval(reports.poll, statusPollMs);
  const memory = setInterval(() => {
    if ((residentBytes(child.pid) ?? 0) > limits.maxMemoryBytes) stopper.kill('memory');
  }, memoryPollMs);
  const stopListening = signals.onStop(reports.poll);
  signals.lost.addEventListener('abort', loseLock);
  signals.drain.addEventListener('abort', drain);
  try {
    child.listen(hear);
    const { record, spec, checkpoints: pointers } = attempt;
    child.send({ type: 'run', jobId: record.id, attempt: record.attempt, spec, checkpoints: pointers });
    beat();
    if (signals.lost.aborted) loseLock();
    if (signals.drain.aborted) drain();
    const end = await child.ended;
    clearInterval(poll);
    clearInterval(memory);
    // After a lost lock, Redis may be unavailable and every write would be refused, so that nothing is awaited.
    if (stopper.reason() !== 'lost') await reports.settled();
    const handled = await conclude(attempt, { reason: stopper.reason(), last: stopper.last(), end }, limits);
    if (handled === 'done') await discarded.all();
    return handled;
  } finally {
    clearTimeout(heartbeat);
    clearInterval(poll);
    clearInterval(memory);
    overtime();
    stopper.dispose();
    stopListening();
    signals.lost.removeEventListener('abort', loseLock);
    signals.drain.removeEventListener('abort', drain);
  }
}

type Message<Type extends FromChild['type']> = Extract<FromChild, { type: Type }>;

/** Removes checkpoints that are no longer needed; the sweep removes those that cannot be removed now. */
function createDiscarder(store: Supervision['checkpoints'], { checkpoints }: Attempt, log: SupervisionLog) {
  const keys = new Set(checkpoints.map(({ key }) => key));
  const discard = async (unused: readonly string[]) => {
    for (const key of unused) {
      keys.delete(key);
      await store.remove(key).catch((error: unknown) => log.warn({ err: error }, 'a checkpoint was not removed'));
    }
  };
  return { add: (key: string) => void keys.add(key), discard, all: () => discard([...keys]) };
}

/** Writes the reports of the child, in order. Every write returns the status of the job, which is passed to `seen`. */
function createReports(
  attempt: Attempt,
  log: SupervisionLog,
  discard: (keys: readonly string[]) => Promise<void>,
  seen: (status: StatusSeen) => void,
) {
  let writes: Promise<unknown> = Promise.resolve();
  let progress: JobProgress | null = null;
  const write = (work: () => Promise<void>) => {
    writes = writes
      .then(work)
      .catch((error: unknown) => log.warn({ err: error }, 'a report of the job was not stored'));
  };
  return {
    settled: () => writes,
    poll: () => write(async () => seen(await attempt.status())),
    measured: ({ key, measurement }: Message<'measured'>) => write(() => attempt.measured(key, measurement)),
    phase({ phase }: Message<'phase'>) {
      // The remaining time of the previous phase does not apply to this one.
      const patch = progress === null ? { phase } : { phase, progress: { ...progress, etaSeconds: null } };
      write(async () => seen(await attempt.report(patch, { type: 'status', data: { phase } })));
    },
    progress(message: Message<'progress'>) {
      const { patch, data } = progressOf(message);
      progress = patch.progress;
      write(async () => seen(await attempt.report(patch, { type: 'progress', data })));
    },
    checkpoint: ({ pointer }: Message<'checkpoint'>) =>
      write(async () => {
        const { status, unused } = await attempt.checkpoint(pointer);
        seen(status);
        // Not awaited, because a slow store must not delay the reports of the child.
        void discard(unused);
      }),
    log({ level, message, data }: Message<'log'>) {
      log[level](data, message);
      write(async () => seen(await attempt.report({}, { type: 'log', data: { level, message, ...data } })));
    },
    /** Decides whether the artifact may be published: not when the job is being cancelled, nor when another attempt owns it. */
    admit: (publishesCut: () => boolean, answer: (granted: boolean) => void) =>
      write(async () => {
        const status = await attempt.status();
        seen(status);
        answer(status === 'running' || status === 'pausing' || (status === 'cancelling' && publishesCut()));
      }),
  };
}

/** A timer of any length, because Node's timers overflow after 25 days. Returns a function that cancels it. */
function longTimeout(action: () => void, delayMs: number): () => void {
  const longest = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > longest ? wait(left - longest) : action()), Math.max(0, Math.min(left, longest)));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
