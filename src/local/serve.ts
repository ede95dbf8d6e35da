/** The whole service on this machine: Valkey unless REDIS_URL names one, the API and a worker process. When one of them ends, all end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, childEnvironment, loadConfig } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { endOrphan, pidFileOf } from './orphan.ts';
import { startValkey, type Valkey } from './valkey.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entries = { api: `../api/server.${extension}`, worker: `../../workers/main.${extension}` } as const;

/** Two services in one folder would write the same append-only file. The kernel releases the name of the socket when this process ends in any way. */
function holdFolder(folder: string): Promise<void> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () =>
      reject(new AppError('USAGE', `another service runs in ${folder}; set STATE_DIR to another folder`)),
    );
    server.listen(`\0gradinit-start-${name}`, () => {
      server.unref();
      resolve();
    });
  });
}

async function startQueue({ stateDir }: Config): Promise<Valkey> {
  const folder = path.join(stateDir, 'valkey');
  await holdFolder(folder);
  await endOrphan(folder);
  return startValkey({ folder, settings: ['--pidfile', pidFileOf(folder)] });
}

function startPart(entry: string, environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL(entry, import.meta.url))], {
    env: environment,
    // A child process notices the end of this process by the closed channel.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C of a terminal reaches this process only, which passes the signal on, so that each child gets it once.
    detached: true,
  });
}

/** Exit code of a child: 128 and the signal's number when a signal ended it. */
const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });

/**
 * Runs the parts until a signal comes or one of them ends.
 *
 * @returns the exit code: 0 after a signal, else that of the part which ended first
 * @throws USAGE when another one runs in the same folder; errors of the configuration
 */
export async function serve(): Promise<number> {
  const config = loadConfig();
  const valkey = config.redisUrl === null ? await startQueue(config) : null;
  const environment = childEnvironment(valkey === null ? {} : { REDIS_URL: valkey.url });
  const parts = Object.values(entries).map((entry) => startPart(entry, environment));
  const exits = parts.map(ended);
  const signalled = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(0));
  });
  const lostQueue = valkey?.exited.then(() => 1) ?? new Promise<number>(() => {});
  const code = await Promise.race([signalled, lostQueue, ...exits]);
  for (const part of parts) part.kill('SIGTERM');
  await Promise.all(exits);
  await valkey?.stop();
  return code;
}
