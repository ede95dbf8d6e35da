/** Jobs for the tests of queue and workers. */
import type { JobSpec } from '../../src/contract/job-spec.ts';
import type { JobRecord } from '../../src/contract/job-state.ts';

export function recordOf(id: string, spec: JobSpec): JobRecord {
  return {
    id,
    status: 'queued',
    phase: null,
    attempt: 0,
    owner: '',
    method: spec.method.name,
    createdAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
    progress: { iteration: 0, iterations: null, etaSeconds: null },
    metrics: null,
    error: null,
    device: null,
    metadata: {},
  };
}

/** A small network on the built-in digits. */
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
