/** BullMQ as the dispatcher of job ids, fed from the outbox. It decides who runs a job next and notices workers that vanish; records are ours. */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { guarded } from './connection.ts';
import { executionId, type Keys, queueName } from './keys.ts';
import { adoptScript, runScript } from './scripts.ts';

export interface JobQueue {
  /** Puts what the outbox holds into BullMQ; `ids` are BullMQ ids that were just put into the outbox. Doing it twice does nothing twice. */
  flush(ids: readonly string[]): Promise<void>;
  /** Flushes what other processes left behind, and adopts unfinished jobs that BullMQ has lost. */
  reconcile(): Promise<void>;
  /** Takes a waiting job out, if it is still there. */
  withdraw(jobId: string, execution: number): Promise<void>;
  close(): Promise<void>;
}

/** Entries that the process which wrote them may still be flushing itself. */
const ownFlushMs = 1000;
const adoptMs = 5000;
const batch = 500;

/** Records are the truth and hold every result: BullMQ keeps nothing of a job that is over. */
const jobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true, stackTraceLimit: 1 };

export function createJobQueue(redis: Redis, keys: Keys): JobQueue {
  const queue = new Queue(queueName, {
    connection: redis,
    prefix: keys.bull,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: 100 } },
  });
  // Failures reach the callers as rejections; an emitter without a listener would end the process.
  queue.on('error', () => {});

  const flush = (ids: readonly string[]) =>
    guarded(async () => {
      for (let from = 0; from < ids.length; from += batch) {
        const part = ids.slice(from, from + batch);
        await queue.addBulk(part.map((id) => ({ name: 'run', data: null, opts: { ...jobOptions, jobId: id } })));
        await redis.zrem(keys.outbox, ...part);
      }
    });

  const adopt = async () => {
    // One process of all looks at every unfinished job, now and then.
    if ((await redis.set(keys.adopting, '1', 'PX', adoptMs, 'NX')) === null) return;
    for (const status of ['queued', 'running', 'cancelling']) {
      const ids = await redis.zrange(keys.index(status, null), 0, '-1');
      for (let from = 0; from < ids.length; from += batch) {
        await runScript(redis, adoptScript, keys.prefix, [
          Date.now(),
          `${keys.bull}:${queueName}:`,
          ...ids.slice(from, from + batch),
        ]);
      }
    }
  };

  return {
    flush,
    reconcile: () =>
      guarded(async () => {
        await adopt();
        await flush(await redis.zrangebyscore(keys.outbox, '-inf', Date.now() - ownFlushMs));
      }),
    withdraw: (jobId, execution) =>
      guarded(async () => {
        await queue.remove(executionId(jobId, execution));
      }),
    close: () => queue.close(),
  };
}
