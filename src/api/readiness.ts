/** Readiness: whether Redis accepts a write, the store answers, and a worker runs jobs. */
import { type AppError, toAppError } from '../errors.ts';
import type { Readiness } from '../http/schemas/health.ts';
import type { QueueClient } from '../queue/index.ts';
import type { Stores } from '../storage/index.ts';
import { withTimeLimit } from '../time-limit.ts';

export interface ReadinessDependencies {
  readonly queue: Pick<QueueClient, 'health' | 'workers'>;
  readonly stores: Pick<Stores, 'artifacts' | 'contents'>;
}

/** A check without an answer in this time has failed. Longer than the timeout of connections to Redis. */
const timeoutMs = 5000;

type Outcome<T> = { readonly value: T; readonly error: null } | { readonly value: null; readonly error: AppError };

async function outcome<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await withTimeLimit(work, timeoutMs), error: null };
  } catch (thrown) {
    return { value: null, error: toAppError(thrown) };
  }
}

const check = (error: AppError | null) => ({ ok: error === null, detail: error?.message ?? null });

export function createReadiness({ queue, stores }: ReadinessDependencies): () => Promise<Readiness> {
  return async () => {
    const [redis, store, workers] = await Promise.all([
      outcome(queue.health()),
      outcome(Promise.all([stores.artifacts.check(), stores.contents.check()])),
      outcome(queue.workers()),
    ]);
    const alive = workers.value ?? [];
    const isWorking = alive.some(({ devices }) => devices.some(({ backend }) => backend !== null));
    const checks = {
      redis: check(redis.error ?? redis.value.problem),
      store: check(store.error),
      workers:
        workers.error === null
          ? {
              ok: isWorking,
              detail: isWorking ? null : 'no worker is alive: jobs are taken and wait; start one with `npm run worker`',
            }
          : check(workers.error),
    };
    return {
      ready: Object.values(checks).every(({ ok }) => ok),
      checks,
      workers: alive.map(({ name, startedAt, devices }) => ({
        name,
        startedAt,
        devices: devices.map(({ name: device, backend, jobId }) => ({ name: device, backend, busy: jobId !== null })),
      })),
      warnings: [
        ...(redis.value?.warnings ?? []),
        ...alive.flatMap(({ name, devices }) =>
          devices.some(({ backend }) => backend === 'cpu') ? [`worker ${name} computes on the CPU`] : [],
        ),
      ],
    };
  };
}
