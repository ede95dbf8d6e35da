/** Whether jobs are taken and run: Redis, the store, a live worker. */
import { type AppError, toAppError } from '../errors.ts';
import type { Readiness } from '../http/schemas/health.ts';
import type { QueueClient } from '../queue/index.ts';
import type { Stores } from '../storage/index.ts';

export interface ReadinessDependencies {
  readonly queue: Pick<QueueClient, 'jobs' | 'workers'>;
  readonly stores: Pick<Stores, 'artifacts' | 'contents'>;
}

/** A store that does not answer is not ready. */
const timeoutMs = 3000;

type Outcome<T> = { readonly value: T; readonly error: null } | { readonly value: null; readonly error: AppError };

async function outcome<T>(work: Promise<T>): Promise<Outcome<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
  });
  try {
    return { value: await Promise.race([work, late]), error: null };
  } catch (thrown) {
    return { value: null, error: toAppError(thrown) };
  } finally {
    clearTimeout(timer);
  }
}

const check = ({ error }: Outcome<unknown>) => ({ ok: error === null, detail: error?.message ?? null });

export function createReadiness({ queue, stores }: ReadinessDependencies): () => Promise<Readiness> {
  return async () => {
    const [redis, store, workers] = await Promise.all([
      outcome(queue.jobs.ping()),
      outcome(Promise.all([stores.artifacts.check(), stores.contents.check()])),
      outcome(queue.workers()),
    ]);
    const alive = workers.value ?? [];
    const isWorking = alive.some(({ devices }) => devices.some(({ backend }) => backend !== null));
    const checks = {
      redis: check(redis),
      store: check(store),
      workers:
        workers.error === null
          ? {
              ok: isWorking,
              detail: isWorking ? null : 'no worker is alive: jobs are taken and wait; start one with `npm run worker`',
            }
          : check(workers),
    };
    return {
      ready: Object.values(checks).every(({ ok }) => ok),
      checks,
      workers: alive.map(({ name, startedAt, devices }) => ({
        name,
        startedAt,
        devices: devices.map(({ name: device, backend, jobId }) => ({ name: device, backend, busy: jobId !== null })),
      })),
      warnings: alive.flatMap(({ name, devices }) =>
        devices.some(({ backend }) => backend === 'cpu') ? [`worker ${name} computes on the CPU`] : [],
      ),
    };
  };
}
