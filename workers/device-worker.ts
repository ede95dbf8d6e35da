/**
 * The worker of one device: a child process with TensorFlow loaded waits for jobs, which the queue gives one at a time. There are never two processes
 * on the device.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handled, Taken } from '../src/queue/dispatcher.ts';
import type { Attempts } from '../src/queue/index.ts';
import type { BlobStore } from '../src/storage/index.ts';
import { type Child, startChild } from './child.ts';
import type { Device } from './devices.ts';
import { sweepLeftovers } from './leftovers.ts';
import type { BackendReport } from './messages.ts';
import { type SupervisionLimits, type SupervisionLog, supervise } from './supervise.ts';

export interface DeviceWorkerOptions {
  readonly device: Device;
  readonly threads: number;
  readonly attempts: Attempts;
  readonly limits: SupervisionLimits;
  readonly drain: AbortSignal;
  onStop(jobId: string, listener: () => void): () => void;
  /** Called when the state of the device has changed. */
  onChange(): void;
  readonly checkpoints: Pick<BlobStore, 'remove'>;
  readonly log: SupervisionLog & { child(bindings: object): SupervisionLog };
}

export interface DeviceState {
  readonly name: string;
  readonly backend: BackendReport | null;
  readonly jobId: string | null;
  /** The process that computes or waits for a job. */
  readonly childPid: number | null;
}

export interface DeviceWorker {
  /** Waits until TensorFlow is loaded. Throws BACKEND_UNAVAILABLE when the first attempt to load it fails. */
  warm(): Promise<BackendReport>;
  handle(taken: Taken): Promise<Handled>;
  state(): DeviceState;
  /** Ends the waiting child. */
  close(): Promise<void>;
}

const firstDelayMs = 250;
const maxDelayMs = 15_000;

export function createDeviceWorker(options: DeviceWorkerOptions): DeviceWorker {
  const { device, attempts, limits, drain, log } = options;
  let spare: Child | null = null;
  let backend: BackendReport | null = null;
  let jobId: string | null = null;
  let running: Child | null = null;

  const startSpare = () => {
    spare = startChild(device, options.threads);
    return spare;
  };
  const change = (next: { backend?: BackendReport; jobId?: string | null }) => {
    backend = next.backend ?? backend;
    jobId = next.jobId === undefined ? jobId : next.jobId;
    options.onChange();
  };

  /** The waiting child when it is ready. When a child dies while it loads or waits, another one is started after an increasing delay. */
  async function readyChild(giveUp: AbortSignal): Promise<Child | null> {
    for (let delayMs = firstDelayMs; !giveUp.aborted; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      const child = spare ?? startSpare();
      try {
        change({ backend: await child.ready });
        if (await isAlive(child)) return child;
      } catch (error) {
        log.warn({ device: device.name, err: error }, 'a child did not start');
        await sleep(delayMs, undefined, { signal: giveUp }).catch(() => {});
      }
      spare = null;
    }
    return null;
  }

  return {
    async warm() {
      const report = await (spare ?? startSpare()).ready;
      change({ backend: report });
      return report;
    },
    async handle({ ticket, lost }) {
      const child = await readyChild(AbortSignal.any([lost, drain]));
      if (child === null) return { againMs: 0 };
      const attempt = await attempts.begin(ticket, backend?.description ?? device.name);
      if (attempt === null) return 'void';
      const { id } = attempt.record;
      spare = null;
      running = child;
      try {
        const runLog = log.child({
          jobId: id,
          attempt: attempt.record.attempt,
          device: device.name,
          childPid: child.pid,
        });
        change({ jobId: id });
        const [newest] = attempt.checkpoints;
        runLog.info({ resumedFrom: newest?.iteration ?? null, resumedPhase: newest?.phase ?? null }, 'job begins');
        const maxRunMs = Math.min(
          limits.maxRunMs,
          (attempt.spec.limits?.maxRunSeconds ?? Number.POSITIVE_INFINITY) * 1000,
        );
        const onStop = (listener: () => void) => options.onStop(id, listener);
        const signals = { lost, drain, onStop };
        const handled = await supervise({
          attempt,
          child,
          limits: { ...limits, maxRunMs },
          signals,
          log: runLog,
          checkpoints: options.checkpoints,
        });
        runLog.info(typeof handled === 'string' ? { handled } : { handled: 'again', ...handled }, 'job ends');
        return handled;
      } finally {
        child.kill();
        await child.ended;
        running = null;
        // The device is free only now, after the child has ended.
        if (!drain.aborted) startSpare();
        change({ jobId: null });
        // Removes temporary files that a killed child has left.
        void sweepLeftovers(log);
      }
    },
    state: () => ({ name: device.name, backend, jobId, childPid: (running ?? spare)?.pid ?? null }),
    async close() {
      spare?.kill();
      await spare?.ended;
    },
  };
}

/** False when the process has ended. */
function isAlive(child: Child): Promise<boolean> {
  return Promise.race([child.ended.then(() => false), sleep(0).then(() => true)]);
}
