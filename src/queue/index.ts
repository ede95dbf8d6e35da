/** What API and worker processes need from Redis, made from their configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { CheckpointPointer } from '../jobs/checkpoints/checkpoints.ts';
import type { ContentHolds, Sessions, UploadUses } from '../jobs/ports.ts';
import { readPointers } from './checkpoint-pointers.ts';
import { type ConnectionLog, connectFailFast, connectPatient, waitUntilReady } from './connection.ts';
import { createContentHolds } from './content-holds.ts';
import { createJobEvents, type RedisJobEvents } from './events.ts';
import { checkHealth, type QueueHealth } from './health.ts';
import { createJobQueue, type JobQueue } from './job-queue.ts';
import { createJobStore, type JobStoreOptions, type RedisJobStore } from './job-store.ts';
import { createKeys, type Keys } from './keys.ts';
import { createSessions } from './sessions.ts';
import { blockMs } from './stream-reader.ts';
import { createUploadUses } from './upload-uses.ts';
import { listWorkers, type WorkerInfo } from './worker-registry.ts';

export interface QueueClientOptions extends JobStoreOptions {
  readonly redisUrl: string;
  readonly queuePrefix: string;
  readonly redisTimeoutSeconds: number;
  /** Shown by CLIENT LIST. */
  readonly name: string;
}

/** What an API process holds. */
export interface QueueClient {
  readonly jobs: RedisJobStore;
  readonly events: RedisJobEvents;
  /** Worker processes that are alive. */
  workers(): Promise<WorkerInfo[]>;
  /** The checkpoints that count for a job, newest first. Throws QUEUE_UNAVAILABLE. */
  checkpoints(jobId: string): Promise<CheckpointPointer[]>;
  readonly uploadUses: UploadUses;
  readonly contentHolds: ContentHolds;
  readonly sessions: Sessions;
  /** For stores of other data in the same Redis, e.g. of the rate limiter: never waits for a server that is away. */
  readonly redis: Redis;
  readonly keys: Keys;
  /** Another connection to the same server, whose commands wait while it is away; the caller closes it. */
  connectPatient(name: string): Redis;
  /** Whether Redis takes a write now, and what is to be known about it. */
  health(): Promise<QueueHealth>;
  /** Waits for Redis. Throws QUEUE_UNAVAILABLE. */
  ready(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const readyTimeoutMs = 20_000;
const reconcileMs = 2000;

/** Connects; does not wait for Redis: until it is there, every method rejects with QUEUE_UNAVAILABLE. */
export function createQueueClient(options: QueueClientOptions, log: ConnectionLog): QueueClient {
  const connection = {
    url: options.redisUrl,
    prefix: options.queuePrefix,
    timeoutMs: options.redisTimeoutSeconds * 1000,
  };
  const redis = connectFailFast({ ...connection, name: options.name }, log);
  const blocking = connectPatient({ ...connection, name: `${options.name}-events` }, log, blockMs);
  const keys = createKeys(options.queuePrefix);
  const queue = createJobQueue(redis, keys);
  const jobs = createJobStore(redis, queue, keys, options);
  const events = createJobEvents(redis, blocking, keys, options, log);
  const reconciler = startReconciler(queue, jobs);
  const health = () => checkHealth(redis, keys, options.name);
  redis.once('ready', () => void report(health, log));
  return {
    jobs,
    events,
    redis,
    keys,
    health,
    connectPatient: (name) => connectPatient({ ...connection, name }, log),
    workers: () => listWorkers(redis, keys),
    uploadUses: createUploadUses(redis, keys),
    contentHolds: createContentHolds(redis, keys),
    sessions: createSessions(redis, keys),
    checkpoints: (jobId) => readPointers(redis, keys, jobId),
    ready: (timeoutMs = readyTimeoutMs) => waitUntilReady(redis, timeoutMs),
    async close() {
      await reconciler.stop();
      events.close();
      await queue.close();
      redis.disconnect();
    },
  };
}

async function report(health: () => Promise<QueueHealth>, log: ConnectionLog): Promise<void> {
  for (const weakness of (await health()).warnings) log.warn({ weakness }, 'redis is not set up for a queue');
}

/** Hands over what crashed processes stored and did not hand over, and expires what waited too long. Every process does it: any one may be the last alive. */
function startReconciler(queue: JobQueue, jobs: Pick<RedisJobStore, 'expireQueued'>): { stop(): Promise<void> } {
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

export { createAnnouncements } from './announcements.ts';
export { type Attempt, type Attempts, createAttempts } from './attempts.ts';
export { createDispatcher, type Handled, type Taken, type Turn } from './dispatcher.ts';
export type { QueueHealth } from './health.ts';
export { createJobQueue } from './job-queue.ts';
export { createKeys } from './keys.ts';
export { announceWorker, type WorkerInfo } from './worker-registry.ts';
