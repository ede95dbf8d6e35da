/** Jobs for tests of queue and workers. */
import assert from 'node:assert/strict';
import { echoOf } from '../../src/contract/job-echo.ts';
import { jobIdTimeMs } from '../../src/contract/job-id.ts';
import type { JobSpec } from '../../src/contract/job-spec.ts';
import type { JobRecord } from '../../src/contract/job-state.ts';
import { type Attempt, createAttempts, type QueueClient } from '../../src/queue/index.ts';

export function recordOf(id: string, spec: JobSpec): JobRecord {
  return {
    id,
    status: 'queued',
    phase: null,
    attempt: 0,
    failures: 0,
    nextAttemptAt: null,
    owner: '',
    method: spec.method.name,
    comparison: null,
    specification: echoOf(spec),
    createdAt: new Date(jobIdTimeMs(id)).toISOString(),
    startedAt: null,
    finishedAt: null,
    progress: { iteration: 0, iterations: null, etaSeconds: null },
    metrics: null,
    error: null,
    device: null,
    metadata: spec.metadata ?? {},
  };
}

/** Takes a job as a worker does; it must be the first one of its owner. */
export async function takeUp({ redis, keys }: Pick<QueueClient, 'redis' | 'keys'>, id: string): Promise<Attempt> {
  const retryPolicy = { maxAttempts: 3, initialMs: 0, factor: 1, maxMs: 0, nonRetryable: [] };
  const attempts = createAttempts(redis, keys, { eventsPerJob: 1000, retryPolicy });
  const attempt = await attempts.begin(`${id}.1`, 'cpu');
  assert.equal(attempt?.record.id, id);
  return attempt as Attempt;
}

/** A job with a small network on the built-in digits. */
export function digitsJob(
  iterations: number,
  more: { sizes?: number[]; batchSize?: number; limits?: JobSpec['limits']; seed?: number } = {},
) {
  const { sizes = [16], batchSize = 32, limits, seed = 1 } = more;
  return {
    model: { format: 'zoo', name: 'mlp', options: { inputShape: [8, 8, 1], sizes, classes: 10 } },
    dataset: { ref: 'builtin:digits' },
    method: { name: 'gradinit', options: { iterations, batchSize, learningRate: 1e-3 } },
    seed,
    artifacts: ['safetensors'],
    ...(limits ? { limits } : {}),
  };
}
