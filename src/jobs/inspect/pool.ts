/**
 * Child processes that do what must not be done in the process that serves requests, because it may take long, take much memory or crash.
 * Each does one task at a time. A task that takes too long, and one whose process dies, is refused; the others go on.
 *
 * Fair between tenants: the one that was served longest ago is next, and one alone never has all processes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError, isErrorCode } from '../../errors.ts';
import type { Reply } from './child.ts';
import { type InspectorTask, type Purpose, ready } from './tasks.ts';

export interface PoolOptions {
  readonly purpose: Purpose;
  /** Processes at most; they start when they are needed. */
  readonly processes: number;
  /** A process without work ends after this. */
  readonly idleMs: number;
  /** A task that takes longer is refused and its process killed. */
  readonly timeoutMs: number;
  /** A task that waits longer for a process is refused; the client may come back. */
  readonly maxWaitMs: number;
}

export interface Job {
  readonly task: InspectorTask;
  /** Who waits for it. */
  readonly tenant: string;
  /** What to answer when the process dies or is killed for taking too long. */
  refusal(reason: string): AppError;
}

export interface Pool {
  run(job: Job): Promise<unknown>;
  close(): void;
}

interface Waiting extends Job {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly timer: NodeJS.Timeout;
}

/** More tasks than this do not wait: they would hold their bodies in memory. */
const maxWaiting = 256;

/** A process that is not ready by then never will be. */
const startMs = 120_000;

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));

export function createPool({ purpose, processes, idleMs, timeoutMs, maxWaitMs }: PoolOptions): Pool {
  const waiting: Waiting[] = [];
  const idle: { child: ChildProcess; timer: NodeJS.Timeout }[] = [];
  const all = new Set<ChildProcess>();
  const starting = new WeakMap<ChildProcess, Promise<void>>();
  /** Tasks that run, by tenant. */
  const running = new Map<string, number>();
  /** When a tenant was served last, as a growing number; forgotten with its last task. */
  const served = new Map<string, number>();
  let serial = 0;
  let busy = 0;
  const share = Math.max(1, processes - 1);

  const start = (): ChildProcess => {
    const child = fork(entry, [purpose], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    all.add(child);
    child.on('error', () => {});
    starting.set(child, started(child));
    child.on('exit', () => {
      all.delete(child);
      const index = idle.findIndex((one) => one.child === child);
      if (index >= 0) clearTimeout(idle.splice(index, 1)[0]?.timer);
    });
    // A busy child is kept alive by the promise that waits for it; an idle one must not keep the process alive.
    child.unref();
    child.channel?.unref();
    return child;
  };

  const take = (): ChildProcess => {
    const found = idle.pop();
    if (found === undefined) return start();
    clearTimeout(found.timer);
    return found.child.connected ? found.child : start();
  };

  const giveBack = (child: ChildProcess) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), idleMs).unref();
    if (child.connected) idle.push({ child, timer });
  };

  /** The index of the waiting task whose turn it is; -1 when every tenant that waits has its share. */
  const nextTurn = (): number => {
    let best = -1;
    for (const [index, { tenant }] of waiting.entries()) {
      if ((running.get(tenant) ?? 0) >= share) continue;
      const isEarlier = best < 0 || (served.get(tenant) ?? 0) < (served.get(waiting[best]?.tenant ?? '') ?? 0);
      if (isEarlier) best = index;
    }
    return best;
  };

  const count = (tenant: string, by: 1 | -1) => {
    const now = (running.get(tenant) ?? 0) + by;
    if (now > 0) running.set(tenant, now);
    else running.delete(tenant);
    if (now <= 0 && !waiting.some((other) => other.tenant === tenant)) served.delete(tenant);
  };

  const work = async (job: Waiting): Promise<void> => {
    const child = take();
    try {
      await starting.get(child);
      const reply = await exchange(child, job, timeoutMs);
      giveBack(child);
      if ('value' in reply) job.resolve(reply.value);
      else job.reject(errorOf(reply.error));
    } catch (error) {
      child.kill('SIGKILL');
      job.reject(error);
    }
  };

  const serve = () => {
    while (busy < processes) {
      const index = nextTurn();
      if (index < 0) return;
      const [job] = waiting.splice(index, 1);
      if (job === undefined) return;
      clearTimeout(job.timer);
      busy += 1;
      serial += 1;
      served.set(job.tenant, serial);
      count(job.tenant, 1);
      void work(job).finally(() => {
        busy -= 1;
        count(job.tenant, -1);
        serve();
      });
    }
  };

  return {
    run(job) {
      return new Promise((resolve, reject) => {
        const tooBusy = () =>
          reject(new AppError('OVERLOADED', 'too much is being looked at; try again later', { permanent: false }));
        if (waiting.length >= maxWaiting) return tooBusy();
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          tooBusy();
        }, maxWaitMs);
        const entry: Waiting = { ...job, resolve, reject, timer };
        waiting.push(entry);
        serve();
      });
    },
    close() {
      for (const { timer } of [...idle, ...waiting]) clearTimeout(timer);
      for (const child of all) child.kill('SIGKILL');
    },
  };
}

function errorOf({ code, message, ...rest }: Extract<Reply, { error: unknown }>['error']): AppError {
  return new AppError(isErrorCode(code) ? code : 'INTERNAL', message, rest);
}

/** Resolves when the process can take tasks, or has ended: then the first task finds out. */
function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    // The timer also keeps this process alive meanwhile.
    const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    child.on('message', (message) => message === ready && end());
    child.on('exit', end);
  });
}

/** One request, one answer. */
function exchange(child: ChildProcess, { task, refusal }: Job, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => {
      finish();
      reject(refusal(reason));
    };
    const onMessage = (reply: Reply | typeof ready) => {
      if (reply === ready) return;
      finish();
      resolve(reply);
    };
    const onExit = () => refuse('the process that read it ran out of memory or crashed');
    const timer = setTimeout(() => refuse(`it takes longer than ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(task, (error) => {
      if (error !== null) onExit();
    });
  });
}
