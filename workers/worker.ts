/** Creates a worker process: connections, one queue consumer per device, cancellation, readiness, retention, and an orderly end. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../src/config/config.ts';
import { retryPolicy } from '../src/config/policies.ts';
import { storageOptions } from '../src/config/stores.ts';
import type { DeviceClass } from '../src/contract/device-class.ts';
import { AppError } from '../src/errors.ts';
import { sweepJobs } from '../src/jobs/retention.ts';
import {
  announceWorker,
  createAnnouncements,
  createAttempts,
  createDispatcher,
  createQueueClient,
} from '../src/queue/index.ts';
import { openStores, verifyStores } from '../src/storage/index.ts';
import { createAllowance } from './allowance.ts';
import { createDeviceWorker, type DeviceWorker } from './device-worker.ts';
import type { Device } from './devices.ts';
import { type HealthReport, startHealth } from './health.ts';
import { sweepLeftovers } from './leftovers.ts';
import { residentBytes, runMemoryBytes } from './memory.ts';
import type { SupervisionLog } from './supervise.ts';

export interface WorkerLog extends SupervisionLog {
  error(details: object, message: string): void;
  child(bindings: object): SupervisionLog;
}

export interface WorkerProcess {
  readonly healthPort: number;
  /** Resolves, with the reason, when a limit of WORKER_JOBS or WORKER_IDLE_SECONDS is reached. */
  readonly spent: Promise<'jobs' | 'idle'>;
  report(): Promise<HealthReport>;
  /** Finishes running jobs or returns them to the queue within DRAIN_SECONDS; resolves when every child has ended. */
  close(): Promise<void>;
}

const sweepMs = 60_000;

/** Starts a worker, which takes jobs as soon as TensorFlow is loaded on a device. Throws BACKEND_UNAVAILABLE, QUEUE_UNAVAILABLE. */
export async function startWorker(
  config: Config,
  devices: readonly Device[],
  redisUrl: string,
  log: WorkerLog,
): Promise<WorkerProcess> {
  const name = `gradinit-worker-${process.pid}`;
  const client = createQueueClient({ ...config, redisUrl, name }, log);
  const connection = client.connectPatient(name);
  const announcements = createAnnouncements(client.connectPatient(`${name}-announcements`), client.keys);
  const stores = await openStores(storageOptions(config));
  await verifyStores(stores, log);
  const drain = new AbortController();
  const warnings: string[] = [];
  let announcement: ReturnType<typeof announceWorker> | null = null;

  const cpus = devices.filter(({ gpu }) => gpu === null).length;
  const attempts = createAttempts(connection, client.keys, { ...config, retryPolicy: retryPolicy(config) });
  const limits = {
    heartbeatMs: config.heartbeatSeconds * 1000,
    cancelGraceMs: config.cancelGraceSeconds * 1000,
    drainMs: config.drainSeconds * 1000,
    maxRunMs: config.maxRunSeconds * 1000,
    maxMemoryBytes: runMemoryBytes(config.maxRunMemoryBytes, devices.length),
  };
  const workers = devices.map((device) =>
    createDeviceWorker({
      device,
      threads: Math.max(1, Math.floor(config.threads / Math.max(1, device.gpu === null ? cpus : devices.length))),
      attempts,
      limits,
      drain: drain.signal,
      onStop: announcements.onStop,
      onChange: () => announcement?.refresh(),
      checkpoints: stores.checkpoints,
      log,
    }),
  );
  const closeAll = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    announcements.close();
    await client.close();
    connection.disconnect();
    stores.close();
  };

  // Removes temporary files that killed children of an earlier process have left.
  await sweepLeftovers(log);
  try {
    await Promise.all(workers.map((worker, at) => warm(worker, devices[at] as Device, config.allowCpu, warnings, log)));
  } catch (error) {
    await closeAll();
    throw error;
  }
  const info = { id: randomUUID(), name: config.workerName, pid: process.pid, startedAt: new Date().toISOString() };
  announcement = announceWorker(client.redis, client.keys, () => ({
    ...info,
    devices: workers.map((worker) => {
      const { name: deviceName, backend, jobId, childPid } = worker.state();
      const memoryBytes = childPid === null ? null : residentBytes(childPid);
      return { name: deviceName, backend: backend?.description ?? null, jobId, memoryBytes };
    }),
  }));
  let spend: (reason: 'jobs' | 'idle') => void = () => {};
  const spent = new Promise<'jobs' | 'idle'>((resolve) => {
    spend = resolve;
  });
  const allowance = createAllowance({
    maxJobs: config.workerJobs,
    maxIdleMs: config.workerIdleSeconds * 1000,
    onSpent: spend,
  });
  const dispatchers = workers.map((worker) =>
    createDispatcher(connection, client.keys, {
      queues: queuesOf(config.workerQueues, worker.state().backend?.gpu === true),
      turn: allowance.turn,
      onWork: announcements.onWork,
      name: config.workerName,
      lockMs: config.lockSeconds * 1000,
      stalledCheckMs: config.stalledCheckSeconds * 1000,
      handle: worker.handle,
      onError: (error) => log.warn({ err: error }, 'queue'),
    }),
  );
  const sweeper = setInterval(() => {
    if (config.jobRetentionSeconds === 0) return;
    const before = Date.now() - config.jobRetentionSeconds * 1000;
    sweepJobs(client.jobs, stores.artifacts, before).catch((error: unknown) => log.warn({ err: error }, 'retention'));
  }, sweepMs);
  sweeper.unref();

  const report = async (): Promise<HealthReport> => {
    const states = workers.map((worker) => worker.state());
    const { problem, warnings: queueWarnings } = await client.health();
    const redis = problem === null && connection.status === 'ready';
    const draining = drain.signal.aborted;
    return {
      ready: redis && !draining && states.every(({ backend }) => backend !== null),
      redis,
      draining,
      devices: states,
      warnings: [...(problem === null ? [] : [problem.message]), ...queueWarnings, ...warnings],
    };
  };
  const health = await startHealth(config.workerHost, config.workerPort, report);

  return {
    healthPort: health.port,
    spent,
    report,
    async close() {
      allowance.stop();
      const closing = dispatchers.map((dispatcher) => dispatcher.close());
      drain.abort();
      clearInterval(sweeper);
      await Promise.all(closing);
      await announcement?.stop();
      health.close();
      await closeAll();
    },
  };
}

/** The distinct queues of a device. */
function queuesOf(wanted: Config['workerQueues'], isGpu: boolean): DeviceClass[] {
  const own = [isGpu ? 'gpu' : 'cpu', 'any'] as const;
  return [...new Set(wanted.flatMap((name) => (name === 'auto' ? own : [name])))];
}

/** Loads TensorFlow on the device. Computing on the CPU of a machine with a GPU is reported as a warning, or as an error without ALLOW_CPU. */
async function warm(
  worker: DeviceWorker,
  device: Device,
  allowCpu: boolean,
  warnings: string[],
  log: WorkerLog,
): Promise<void> {
  const backend = await worker.warm().catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('BACKEND_UNAVAILABLE', `${device.name}: ${reason}`, { cause });
  });
  log.info({ device: device.name, ...backend }, 'backend');
  if (backend.gpu) return;
  const message =
    device.gpu === null
      ? `${device.name}: jobs are computed on the CPU`
      : `${device.name}: TensorFlow does not use this GPU, jobs are computed on the CPU; see \`npm run gradinit -- doctor\``;
  if (!allowCpu) throw new AppError('BACKEND_UNAVAILABLE', `${message}, and ALLOW_CPU is false`);
  warnings.push(message);
  log.warn({ device: device.name }, message);
}
