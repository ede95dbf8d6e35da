/** A Valkey server of this project's own, from the files that set-up installed: the queue of `npm start`, the demo and the tests, without Docker and without root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ensureFolder } from '../durable-files.ts';
import { AppError } from '../errors.ts';

export interface ValkeyOptions {
  /** Folder for the append-only file; survives restarts. */
  readonly folder: string;
  /** Default: a free one. */
  readonly port?: number;
  /** More settings, as `--name value`. */
  readonly settings?: readonly string[];
}

export interface Valkey {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended in any way. */
  readonly exited: Promise<void>;
  /** Ends the server. Its data are kept. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const startTimeoutMs = 20_000;
const portTries = 5;

/** docker/valkey.conf has the same settings, for servers that are not started here. */
const settings = ['--maxmemory-policy', 'noeviction', '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];

/**
 * The shell starts `cat` in the background and replaces itself by the server (exec). `cat` reads a pipe from this process, which is closed when this process ends,
 * even by SIGKILL; then the server is killed. Otherwise two servers could write the same append-only file.
 */
const livesWithUs = 'exec 3<&0; { cat <&3; kill $$; } >/dev/null 2>&1 & exec "$0" "$@" </dev/null 3<&-';

/**
 * Starts a server on the loopback address and waits until it answers.
 *
 * @throws QUEUE_UNAVAILABLE with the fix when it does not start
 */
export async function startValkey({ folder, port, settings: more = [] }: ValkeyOptions): Promise<Valkey> {
  await ensureFolder(folder);
  const startOn = (chosen: number) =>
    startProcess(chosen, ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', folder, ...settings, ...more]);
  if (port !== undefined) return startOn(port);
  // Another process may take a free port before the server does.
  for (let left = portTries - 1; left > 0; left -= 1) {
    const server = await startOn(await freePort()).catch((error: unknown) => {
      if (error instanceof AppError && error.message.includes('Failed listening on port')) return null;
      throw error;
    });
    if (server !== null) return server;
  }
  return startOn(await freePort());
}

/** Starts valkey-server, or a sentinel, with arguments that make it listen on the port of the loopback address. */
export async function startProcess(port: number, args: readonly string[]): Promise<Valkey> {
  const binary = await findValkey();
  const child = spawn('sh', ['-c', livesWithUs, binary, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Signals to the process group of the terminal must reach this process only, which closes its connections before it stops the server.
    detached: true,
  });
  child.once('exit', () => child.stdin.destroy());
  child.stdin.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
    });
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await answers(child, port, () => output);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
    },
  };
}

const stampSchema = Type.Object({ valkeyServer: Type.String() });

async function findValkey(): Promise<string> {
  for (const up of ['../..', '../../..']) {
    const stamp = path.resolve(import.meta.dirname, up, 'node_modules', '.gradinit-setup.json');
    const found: unknown = await readFile(stamp, 'utf8').then(JSON.parse, () => null);
    if (Value.Check(stampSchema, found)) return found.valkeyServer;
  }
  throw new AppError('QUEUE_UNAVAILABLE', 'valkey-server is not installed; run `npm run setup` or set REDIS_URL');
}

/** A port that nothing listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Waits until this process, and no other server that took the port meanwhile, answers. One that loads its file answers -LOADING to PING. */
async function answers(child: ChildProcess, port: number, output: () => string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isReady(child, port, output))) {
    const dead = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (dead || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new AppError(
        'QUEUE_UNAVAILABLE',
        `valkey-server did not start on port ${port}: ${output().trim().split('\n').at(-1) ?? 'no output'}`,
      );
    }
    await sleep(20);
  }
}

/**
 * Whether the server on the port answers and is the child. Its process id says so; a server that wants a password first does not give it, then the child must
 * have written that it accepts connections.
 */
async function isReady({ pid }: ChildProcess, port: number, output: () => string): Promise<boolean> {
  const answer = await ask(port, /PONG.*process_id:\d+\r\n|NOAUTH/s);
  if (/^-NOAUTH/.test(answer)) return output().includes('Ready to accept connections');
  return answer.startsWith('+PONG') && new RegExp(`process_id:${pid}\r\n`).test(answer);
}

/** What the server says to PING and INFO, as far as it has come when it matches, ends or has been silent for a second. */
function ask(port: number, whole: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\nINFO server\r\n'));
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, end);
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (whole.test(answer)) end();
    });
    socket.once('error', end);
    socket.once('close', end);
  });
}
