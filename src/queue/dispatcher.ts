/** Takes jobs out of the queue, one at a time, and holds BullMQ's lock on the one that runs. Knows when the lock is lost, and says so at once. */
import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Keys, parseExecutionId, queueName } from './keys.ts';

export interface Taken {
  readonly jobId: string;
  readonly execution: number;
  /** Aborts when the lock is lost: somebody else may run the job now. */
  readonly lost: AbortSignal;
}

/** 'done': the record says how it ended. 'again': somebody else shall run it. */
export type Handled = 'done' | 'again';

export interface DispatcherOptions {
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  /** Shown in BullMQ's records. */
  readonly name: string;
  handle(taken: Taken): Promise<Handled>;
  onError(error: Error): void;
}

export interface Dispatcher {
  /** Takes no further job; resolves when the running one has been handled. */
  close(): Promise<void>;
}

/** BullMQ's own limits on lost attempts would end jobs behind the back of their records: ours are in the records. */
const unlimited = 1_000_000;

export function createDispatcher(connection: Redis, keys: Keys, options: DispatcherOptions): Dispatcher {
  const locks = new Map<string, { renewedAt: number; lost: AbortController }>();

  const handle = async (job: Job, token?: string): Promise<void> => {
    const id = job.id ?? '';
    const lock = { renewedAt: performance.now(), lost: new AbortController() };
    locks.set(id, lock);
    try {
      if ((await options.handle({ ...parseExecutionId(id), lost: lock.lost.signal })) === 'done') return;
    } finally {
      locks.delete(id);
    }
    // Refused when the lock is lost: then the stalled check moves the job, or has moved it.
    await job.moveToWait(token).catch(() => {});
    throw new WaitingError();
  };

  const worker = new Worker(queueName, handle, {
    connection,
    prefix: keys.bull,
    name: options.name,
    concurrency: 1,
    lockDuration: options.lockMs,
    stalledInterval: options.stalledCheckMs,
    maxStalledCount: unlimited,
    runRetryDelay: 1000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', options.onError);
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) locks.get(id)?.lost.abort();
  });
  worker.on('locksRenewed', ({ jobIds }) => {
    for (const id of jobIds) {
      const lock = locks.get(id);
      if (lock) lock.renewedAt = performance.now();
    }
  });

  // A worker that is cut off from Redis hears nothing; its own clock tells it that the lock must be gone.
  const clock = setInterval(() => {
    for (const { renewedAt, lost } of locks.values()) if (performance.now() - renewedAt > options.lockMs) lost.abort();
  }, options.lockMs / 8);
  clock.unref();

  return {
    async close() {
      await worker.close();
      clearInterval(clock);
    },
  };
}
