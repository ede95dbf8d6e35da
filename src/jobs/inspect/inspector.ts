/**
 * Opens files in a child process, so that a file that needs much time or memory costs the API neither, and one that kills its reader kills only that.
 * The child starts with the first file, serves one at a time and ends when it has nothing to do.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError, isErrorCode } from '../../errors.ts';
import type { Reply } from './child.ts';
import type { Description } from './describe.ts';
import type { InspectRequest } from './inspect-files.ts';

export interface Inspector {
  /** @throws what the file's format throws; DATASET_INVALID when it cannot be read in time or in memory */
  inspect(request: InspectRequest): Promise<Description>;
  close(): void;
}

export interface InspectorOptions {
  /** A child without work ends after this. */
  readonly idleMs: number;
  /** A file that takes longer to read is refused. */
  readonly timeoutMs: number;
}

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));

export function createInspector({ idleMs, timeoutMs }: InspectorOptions): Inspector {
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const stop = () => {
    clearTimeout(idle);
    child?.kill('SIGKILL');
    child = null;
  };

  const start = () => {
    if (child?.connected) return child;
    const started = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    started.on('error', () => {});
    // A busy child is kept alive by the promise that waits for it; an idle one must not keep the API alive.
    started.unref();
    started.channel?.unref();
    child = started;
    return started;
  };

  const ask = async (request: InspectRequest): Promise<Description> => {
    clearTimeout(idle);
    const reply = await exchange(start(), request, timeoutMs).catch((error: unknown) => {
      stop();
      throw error;
    });
    idle = setTimeout(stop, idleMs).unref();
    if ('value' in reply) return reply.value;
    const { code, ...rest } = reply.error;
    throw new AppError(isErrorCode(code) ? code : 'INTERNAL', rest.message, rest);
  };

  return {
    inspect(request) {
      const answer = queue.then(() => ask(request));
      queue = answer.catch(() => {});
      return answer;
    },
    close: stop,
  };
}

function exchange(child: ChildProcess, request: InspectRequest, timeoutMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) => {
      finish();
      reject(new AppError('DATASET_INVALID', `${request.label}: could not be read: ${reason}`));
    };
    const onMessage = (reply: Reply) => {
      finish();
      resolve(reply);
    };
    const onExit = () => refuse('its reader ran out of memory or crashed');
    const timer = setTimeout(() => refuse(`it takes longer than ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(request, (error) => {
      if (error !== null) onExit();
    });
  });
}
