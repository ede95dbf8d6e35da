/**
 * Metrics of runs, computed from the queue: jobs that finished since the last collection, and the registrations of workers. Every API process gives the same numbers:
 * one of several is enough.
 */
import { Gauge, Histogram, Registry } from 'prom-client';
import type { JobRecord } from '../contract/job-state.ts';
import type { QueueClient } from '../queue/index.ts';

const secondsBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];
const iterationBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
const batch = 1000;

/** Prometheus text. Throws QUEUE_UNAVAILABLE. */
export function createRunMetrics(
  { jobs, workers }: Pick<QueueClient, 'jobs' | 'workers'>,
  now = Date.now(),
): () => Promise<string> {
  const registry = new Registry();
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `gradinit_${name}`, help, labelNames: ['method', 'status'], buckets, registers: [registry] });
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `gradinit_${name}`, help, labelNames: ['worker', 'device', 'backend'], registers: [registry] });
  const queueWait = histogram('queue_wait_seconds', 'From the creation of a job to its first start.', secondsBuckets);
  const run = histogram('run_seconds', 'From the first start of a job to its end.', secondsBuckets);
  const iteration = histogram('iteration_seconds', 'Mean time of an iteration of a job.', iterationBuckets);
  const busy = gauge('device_busy', '1 while the device runs a job.');
  const memory = gauge('child_memory_bytes', 'Resident memory of the process that computes on the device.');
  let lookFromMs = now;
  /** Jobs that ended in the millisecond at which the next collection begins. */
  let seenThen: ReadonlySet<string> = new Set();

  const observe = (record: JobRecord) => {
    const { method, status, createdAt, startedAt, finishedAt, metrics } = record;
    if (startedAt === null || finishedAt === null) return;
    const labels = { method, status };
    queueWait.observe(labels, secondsBetween(createdAt, startedAt));
    run.observe(labels, secondsBetween(startedAt, finishedAt));
    if (typeof metrics?.secondsPerIteration === 'number') iteration.observe(labels, metrics.secondsPerIteration);
  };

  const collect = async () => {
    for (;;) {
      const finished = await jobs.finishedFrom(lookFromMs, batch + seenThen.size);
      const unseen = finished.filter(({ id }) => !seenThen.has(id));
      const records = await Promise.all(unseen.map(({ id }) => jobs.get(id)));
      for (const record of records) if (record !== null) observe(record);
      lookFromMs = finished.at(-1)?.finishedAtMs ?? lookFromMs;
      seenThen = new Set(finished.filter(({ finishedAtMs }) => finishedAtMs === lookFromMs).map(({ id }) => id));
      if (unseen.length < batch) return;
    }
  };
  /** Collections run one after another: two at once would count the same jobs twice. */
  let collecting: Promise<void> = Promise.resolve();

  return async () => {
    collecting = collecting.catch(() => {}).then(collect);
    await collecting;
    busy.reset();
    memory.reset();
    for (const { name, devices } of await workers()) {
      for (const device of devices) {
        const labels = { worker: name, device: device.name, backend: device.backend ?? 'loading' };
        busy.set(labels, device.jobId === null ? 0 : 1);
        if (typeof device.memoryBytes === 'number') memory.set(labels, device.memoryBytes);
      }
    }
    return registry.metrics();
  };
}

const secondsBetween = (from: string, to: string) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
