/**
 * Deliveries that are due, handed to BullMQ and worked on by this process, several at the same time. A delivery that fails is delayed in BullMQ, which keeps
 * the delay over restarts; one whose process dies is taken by another when its lock is over. What BullMQ has lost is handed over again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

export interface DeliveryQueueOptions {
  /** An attempt takes no longer than this. */
  readonly maxAttemptMs: number;
  /** Delivers; the milliseconds until the next attempt, null when there is none. */
  deliver(ticket: string): Promise<number | null>;
  onError(error: Error): void;
}

export interface DeliveryQueue {
  /** Begins no further attempt; resolves when those that were begun are over. */
  close(): Promise<void>;
}

const queueName = 'webhooks';
const maxConcurrent = 32;
const lookMs = 500;
/** How often BullMQ is asked whether it has a delivery that is not over. */
const adoptMs = 60_000;
const batch = 500;
/** When an attempt could not even be written down. */
const againMs = 5000;
const lockMarginMs = 5000;
const stalledCheckMs = 5000;
/** BullMQ's own limit would drop deliveries whose process was lost. */
const unlimited = 1_000_000;

export function createDeliveryQueue(
  connection: Redis,
  keys: Keys,
  { maxAttemptMs, deliver, onError }: DeliveryQueueOptions,
): DeliveryQueue {
  const shared = { connection, prefix: keys.bull, skipVersionCheck: true } as const;
  const queue = new Queue(queueName, { ...shared, streams: { events: { maxLen: 100 } } });
  const lockMs = maxAttemptMs + lockMarginMs;
  const options = { lockDuration: lockMs, stalledInterval: stalledCheckMs, maxStalledCount: unlimited };
  const kept = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
  const worker = new Worker(queueName, null, { ...shared, ...options, ...kept });
  queue.on('error', onError);
  worker.on('error', onError);
  worker.startStalledCheckTimer().catch(onError);
  const closing = new AbortController();
  const running = new Set<Promise<void>>();

  /** A ticket that BullMQ has already is left as it is. */
  const handOver = async () => {
    const tickets = await connection.zrangebyscore(keys.due, '-inf', Date.now(), 'LIMIT', 0, batch);
    if (tickets.length === 0) return;
    const opts = { removeOnComplete: true, removeOnFail: true };
    await queue.addBulk(tickets.map((jobId) => ({ name: 'deliver', data: null, opts: { ...opts, jobId } })));
    // XX: one that was delivered meanwhile does not come back.
    await connection.zadd(keys.due, 'XX', ...tickets.flatMap((ticket) => [Date.now() + adoptMs, ticket]));
  };

  const work = async (job: Job, token: string) => {
    const nextMs = await deliver(job.id ?? '').catch((error: Error) => {
      onError(error);
      return againMs;
    });
    if (nextMs === null) await job.moveToCompleted(null, token, false);
    else await job.moveToDelayed(Date.now() + nextMs, token);
  };

  const take = async () => {
    while (running.size < maxConcurrent && !closing.signal.aborted) {
      const token = randomUUID();
      const job = await worker.getNextJob(token, { block: false });
      if (job === undefined) return;
      const attempt: Promise<void> = work(job, token)
        .catch(onError)
        .finally(() => running.delete(attempt));
      running.add(attempt);
    }
  };

  const loop = async () => {
    while (!closing.signal.aborted) {
      try {
        await handOver();
        await take();
      } catch (error) {
        if (!closing.signal.aborted) onError(error as Error);
      }
      await sleep(lookMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const done = loop();

  return {
    async close() {
      closing.abort();
      await done;
      await Promise.all(running);
      await worker.close();
      await queue.close();
    },
  };
}
