/**
 * Takes tickets out of the queues of one device, one at a time, and holds BullMQ's lock on the one that is worked on. Learns when the lock is lost and says so
 * at once. BullMQ's own loop serves one queue and fetches its next job in the same step that ends one, which would starve the device's other queues: so
 * tickets are fetched one by one, from each queue in turn.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DeviceClass } from '../contract/device-class.ts';
import type { Keys } from './keys.ts';

export interface Taken {
  readonly ticket: string;
  /** Aborts when the lock is lost: another worker may run the job now. */
  readonly lost: AbortSignal;
}

/**
 * 'done': the ticket is used up, its job's record says how it ended. 'void': the ticket is used up and was for no job that could be run. Else somebody shall
 * take it again, after so many milliseconds.
 */
export type Handled = 'done' | 'void' | { readonly againMs: number };

/** The right to take one ticket. */
export interface Turn {
  begin(): void;
  /** False: no job was run. */
  end(hasWorked: boolean): void;
}

export interface DispatcherOptions {
  readonly queues: readonly DeviceClass[];
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  /** Shown in BullMQ's records. */
  readonly name: string;
  handle(taken: Taken): Promise<Handled>;
  /** Asked before each look into the queues; null: nothing may be taken now. */
  turn(): Turn | null;
  /** Calls back when a queue may have got work. Returns how to stop listening. */
  onWork(listener: () => void): () => void;
  onError(error: Error): void;
}

export interface Dispatcher {
  /** Takes no further ticket; resolves when the one in hand has been handled. */
  close(): Promise<void>;
}

/** Lost attempts are counted in the records of jobs. BullMQ's own limit would drop tickets of jobs whose records say that they run. */
const unlimited = 1_000_000;
/** How often an idle device looks for tickets without an announcement: delayed ones, and those of lost workers. */
const lookMs = 1000;
/** After an error, for Redis to come back. */
const errorMs = 1000;

export function createDispatcher(connection: Redis, keys: Keys, options: DispatcherOptions): Dispatcher {
  const { lockMs, handle, onError } = options;
  const closing = new AbortController();
  const workers = options.queues.map((queue) => {
    const worker = new Worker(queue, null, {
      connection,
      prefix: keys.bull,
      name: options.name,
      lockDuration: lockMs,
      stalledInterval: options.stalledCheckMs,
      maxStalledCount: unlimited,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', onError);
    worker.startStalledCheckTimer().catch(onError);
    return worker;
  });

  /** Renews the lock until it is stopped, or the lock is gone. A worker that is cut off from Redis hears nothing: its own clock says when the lock must be gone. */
  const holdLock = (job: Job, token: string) => {
    const lost = new AbortController();
    let renewedAt = performance.now();
    const renew = async () => {
      const askedAt = performance.now();
      try {
        if ((await job.extendLock(token, lockMs)) === 1) renewedAt = askedAt;
        else lost.abort();
      } catch {
        // The clock below decides.
      }
    };
    const renewal = setInterval(() => void renew(), lockMs / 4);
    const clock = setInterval(() => performance.now() - renewedAt > lockMs && lost.abort(), lockMs / 8);
    return {
      lost: lost.signal,
      release() {
        clearInterval(renewal);
        clearInterval(clock);
      },
    };
  };

  /** Returns whether a job was run. */
  const work = async (job: Job, token: string): Promise<boolean> => {
    const lock = holdLock(job, token);
    let handled: Handled = { againMs: 0 };
    try {
      handled = await handle({ ticket: job.id ?? '', lost: lock.lost });
    } catch (error) {
      onError(error as Error);
    } finally {
      lock.release();
    }
    // Refused when the lock is lost: then the check for stalled tickets moves it, or has moved it.
    const refused = () => {};
    if (handled === 'done' || handled === 'void') await job.moveToCompleted(null, token, false).catch(refused);
    else if (handled.againMs > 0) await job.moveToDelayed(Date.now() + handled.againMs, token).catch(refused);
    else await job.moveToWait(token).catch(refused);
    return handled !== 'void';
  };

  // A message that comes while tickets are looked for counts too.
  let isAnnounced = false;
  let wake = () => {};
  const announce = () => {
    isAnnounced = true;
    wake();
  };
  const stopListening = options.onWork(announce);
  const idle = async (ms: number) => {
    if (isAnnounced) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };

  const look = async (): Promise<{ job: Job; token: string } | null> => {
    for (const worker of workers) {
      const token = randomUUID();
      const job = await worker.getNextJob(token, { block: false });
      if (job === undefined) continue;
      // The others come first the next time.
      workers.push(...workers.splice(workers.indexOf(worker), 1));
      return { job, token };
    }
    return null;
  };

  const next = async (): Promise<boolean> => {
    isAnnounced = false;
    const turn = options.turn();
    if (turn === null) return false;
    let hasWorked = false;
    try {
      const found = await look();
      if (found === null) return false;
      turn.begin();
      hasWorked = await work(found.job, found.token);
      return true;
    } finally {
      turn.end(hasWorked);
    }
  };

  const loop = async () => {
    while (!closing.signal.aborted) {
      try {
        if (!(await next())) await idle(lookMs);
      } catch (error) {
        if (closing.signal.aborted) return;
        onError(error as Error);
        await sleep(errorMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  };
  const done = loop();

  return {
    async close() {
      closing.abort();
      announce();
      await done;
      stopListening();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
