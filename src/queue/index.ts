/** The door of this folder: everything that API and worker processes need from Redis, made from a handful of options. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type ConnectionLog, connectFailFast, connectPatient, waitUntilReady, weaknesses } from './connection.ts';
import { createJobEvents, type RedisJobEvents } from './events.ts';
import { createJobQueue, type JobQueue } from './job-queue.ts';
import { createJobStore, type RedisJobStore } from './job-store.ts';
import { createKeys, type Keys } from './keys.ts';
import { listWorkers, type WorkerInfo } from './worker-registry.ts';

export interface QueueClientOptions {
  readonly redisUrl: string;
  readonly queuePrefix: string;
  readonly redisTimeoutSeconds: number;
  readonly idempotencySeconds: number;
  readonly maxQueueSeconds: number;
  readonly eventsPerJob: number;
  /** Shown by CLIENT LIST. */
  readonly name: string;
}

/** What an API process holds. */
export interface QueueClient {
  readonly jobs: RedisJobStore;
  readonly events: RedisJobEvents;
  /** Worker processes that are alive. */
  workers(): Promise<WorkerInfo[]>;
  /** For stores of other data in the same Redis, e.g. of the rate limiter: never waits for a server that is away. */
  readonly redis: Redis;
  readonly keys: Keys;
  /** Waits for Redis. Throws QUEUE_UNAVAILABLE. */
  ready(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const readyTimeoutMs = 20_000;
const reconcileMs = 2000;

/** Connects; does not wait for Redis: until it is there, every method rejects with QUEUE_UNAVAILABLE. */
export function createQueueClient(options: QueueClientOptions, log: ConnectionLog): QueueClient {
  const connection = { url: options.redisUrl, timeoutMs: options.redisTimeoutSeconds * 1000 };
  const redis = connectFailFast({ ...connection, name: options.name }, log);
  const blocking = connectPatient({ url: options.redisUrl, name: `${options.name}-events` }, log);
  const keys = createKeys(options.queuePrefix);
  const queue = createJobQueue(redis, keys);
  const jobs = createJobStore(redis, queue, keys, options);
  const events = createJobEvents(redis, blocking, keys, options, log);
  const reconciler = startReconciler(queue, jobs);
  redis.once('ready', () => void report(redis, log));
  return {
    jobs,
    events,
    redis,
    keys,
    workers: () => listWorkers(redis, keys),
    ready: (timeoutMs = readyTimeoutMs) => waitUntilReady(redis, timeoutMs),
    async close() {
      await reconciler.stop();
      events.close();
      await queue.close();
      redis.disconnect();
    },
  };
}

async function report(redis: Redis, log: ConnectionLog): Promise<void> {
  for (const weakness of await weaknesses(redis)) log.warn({ weakness }, 'redis is not set up for a queue');
}

/** Hands over what crashed processes stored and did not hand over, and expires what waited too long. Every process does it: any one may be the last alive. */
export function startReconciler(queue: JobQueue, jobs: Pick<RedisJobStore, 'expireQueued'>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      // Redis is away: the next round finds what this one would have found.
      await queue.reconcile().catch(() => {});
      await jobs.expireQueued().catch(() => {});
      await sleep(reconcileMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const done = loop();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

export { type Attempt, type Attempts, createAttempts } from './attempts.ts';
export { createCancellations } from './cancellations.ts';
export { connectPatient } from './connection.ts';
export { createDispatcher, type Taken } from './dispatcher.ts';
export { createJobQueue } from './job-queue.ts';
export { createKeys } from './keys.ts';
export { announceWorker, type WorkerInfo } from './worker-registry.ts';
