/** Which worker processes are alive: each writes what it is and when, again and again. */
import type { RedisClient } from './connection.ts';
import type { Keys } from './keys.ts';
import { guarded } from './redis-errors.ts';

export interface WorkerInfo {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly devices: readonly {
    readonly name: string;
    /** For example "cpu" or "NVIDIA H100 (gpu 0)"; null while TensorFlow is being loaded. */
    readonly backend: string | null;
    readonly jobId: string | null;
    /** Resident memory of the process that computes; null while there is none. */
    readonly memoryBytes: number | null;
  }[];
}

const lifetimeMs = 15_000;
const intervalMs = 5000;

/** Announces this process until it is stopped, which takes it off the list. */
export function announceWorker(
  redis: RedisClient,
  keys: Keys,
  describe: () => WorkerInfo,
): { refresh(): void; stop(): Promise<void> } {
  const { id } = describe();
  const write = () => {
    redis.hset(keys.workers, id, JSON.stringify({ info: describe(), at: Date.now() })).catch(() => {});
  };
  write();
  const timer = setInterval(write, intervalMs);
  return {
    refresh: write,
    async stop() {
      clearInterval(timer);
      await redis.hdel(keys.workers, id).catch(() => {});
    },
  };
}

/** The worker processes that were alive within the last seconds; forgets the others. Throws QUEUE_UNAVAILABLE. */
export function listWorkers(redis: RedisClient, keys: Keys): Promise<WorkerInfo[]> {
  return guarded(async () => {
    const entries = Object.entries(await redis.hgetall(keys.workers)).map(
      ([id, text]) => [id, JSON.parse(text) as { info: WorkerInfo; at: number }] as const,
    );
    const dead = entries.filter(([, { at }]) => Date.now() - at > lifetimeMs).map(([id]) => id);
    if (dead.length > 0) await redis.hdel(keys.workers, ...dead);
    return entries.filter(([id]) => !dead.includes(id)).map(([, { info }]) => info);
  });
}
