/** Runs the service as a child process on free ports and with its own state folder, for the demo and for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config/config.ts';
import { AppError } from '../errors.ts';

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** The file to which the service logs. */
  readonly logFile: string;
  /** Ends the service; resolves when its process has ended. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Created if it does not exist. */
  readonly stateDir: string;
  /** Changes to the environment of the child process; null removes a variable. */
  readonly env?: Readonly<Record<string, string | null>>;
}

const startTimeoutMs = 180_000;
const stopTimeoutMs = 60_000;
const entry = fileURLToPath(new URL(`../cli${path.extname(import.meta.url)}`, import.meta.url));

/** The URL in the line `listening` of the log; undefined for all other lines. */
function urlOf(line: string): string | undefined {
  try {
    const { msg, url } = JSON.parse(line) as { msg?: unknown; url?: unknown };
    return msg === 'listening' && typeof url === 'string' ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts API, worker and queue from this checkout and waits until the API listens.
 *
 * @throws QUEUE_UNAVAILABLE naming the log file when the service ends or does not listen in time
 */
export async function startService({ stateDir, env = {} }: ServiceOptions): Promise<ServiceProcess> {
  await mkdir(stateDir, { recursive: true });
  const logFile = path.join(stateDir, 'service.log');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, 'serve'], {
    env: childEnvironment({
      HOST: '127.0.0.1',
      PORT: '0',
      WORKER_PORT: '0',
      STATE_DIR: stateDir,
      REDIS_URL: null,
      API_KEYS: null,
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A separate process group, so that Ctrl-C reaches only this process, which then stops the service.
    detached: true,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
    log.end();
  };
  try {
    return {
      url: await listening(child, exited, (line) => log.write(`${line}\n`)),
      pid: child.pid ?? 0,
      logFile,
      stop,
    };
  } catch (cause) {
    await stop();
    throw new AppError('QUEUE_UNAVAILABLE', `the service did not start; ${logFile} says why`, { cause });
  }
}

function listening(child: ChildProcess, exited: Promise<void>, onLine: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not listening after ${startTimeoutMs} ms`)), startTimeoutMs);
    if (child.stdout === null) throw new Error('the standard output of the service is not piped');
    createInterface({ input: child.stdout }).on('line', (line) => {
      onLine(line);
      const url = urlOf(line);
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    exited.then(() => {
      clearTimeout(timer);
      reject(new Error(`the process ended with ${child.signalCode ?? `code ${child.exitCode}`}`));
    });
  });
}
