/** The service as in production, with a proxy between each process and one Valkey, for the test with random faults. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/local/valkey.ts';
import { type TestProxy, testProxy } from './tcp-proxy.ts';
import { temporaryFolder } from './temporary.ts';
import { type TestValkey, testValkey } from './valkey.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

export interface Part {
  readonly name: string;
  /** URL of an API. */
  readonly url: string;
  pid(): number;
  /** Kills the process with a signal and starts it again. */
  restart(signal: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** The output of the process and its predecessors. */
  output(): string;
  stop(): Promise<void>;
  /** Starts the process after it was stopped. */
  start(): void;
}

export interface ChaosProcess extends Part {
  /** The proxy through which the process reaches Valkey. */
  readonly proxy: TestProxy;
}

export interface ChaosService {
  readonly valkey: TestValkey;
  readonly stateDir: string;
  readonly apis: readonly ChaosProcess[];
  readonly workers: readonly ChaosProcess[];
}

/** Short intervals, so that faults are detected within the test. */
const environment = {
  REDIS_TIMEOUT_SECONDS: '1',
  LOCK_SECONDS: '4',
  STALLED_CHECK_SECONDS: '1',
  CANCEL_GRACE_SECONDS: '1',
  CHECKPOINT_SECONDS: '0.2',
  DRAIN_SECONDS: '5',
  MAX_ATTEMPTS: '1000',
  EVENTS_PER_JOB: '100000',
  DEVICES: 'cpu',
  TF_NUM_INTRAOP_THREADS: '1',
  LOG_LEVEL: 'info',
};

/** Starts a process of the service on a free port; it ends after the tests. */
export async function startPart(name: string, entry: string, own: Record<string, string>): Promise<Part> {
  let text = '';
  let child: ChildProcess;
  let exited: Promise<void>;
  const port = await freePort();
  const start = () => {
    child = spawn(process.execPath, ['--import', 'tsx', entry], {
      cwd: root,
      env: { ...process.env, ...environment, ...own, PORT: String(port), WORKER_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    exited = new Promise((resolve) => child.once('exit', () => resolve()));
  };
  const stop = async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  };
  start();
  after(stop);
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    stop,
    start,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    async restart(signal) {
      child.kill(signal);
      await exited;
      start();
    },
  };
}

/** Waits until an API takes jobs and a worker runs them. */
export async function isReady({ url }: Part): Promise<void> {
  const look = () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await look())) await sleep(100);
}

export async function chaosService(): Promise<ChaosService> {
  const valkey = await testValkey();
  const stateDir = path.join(await temporaryFolder(), 'state');
  async function start(name: string, entry: string): Promise<ChaosProcess> {
    const proxy = await testProxy(valkey.port);
    const part = await startPart(name, entry, { STATE_DIR: stateDir, WORKER_NAME: name, REDIS_URL: proxy.url });
    return { ...part, proxy };
  }
  const [apis, workers] = await Promise.all([
    Promise.all(['api 1', 'api 2'].map((name) => start(name, 'src/api/server.ts'))),
    Promise.all(['worker 1', 'worker 2'].map((name) => start(name, 'workers/main.ts'))),
  ]);
  for (const api of apis) await isReady(api);
  return { valkey, stateDir, apis, workers };
}

/** Processes other than this one whose environment contains the folder: the parts of the service and their children. */
export async function processesOf(stateDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return text.includes(`STATE_DIR=${stateDir}\0`) ? pid : null;
    }),
  );
  return found.filter((pid) => pid !== null).filter(isRunning);
}

/** The command lines of these processes. */
export async function commandsOf(stateDir: string): Promise<string[]> {
  const pids = await processesOf(stateDir);
  return Promise.all(
    pids.map(
      async (pid) =>
        `${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ')}`,
    ),
  );
}

/** False for a process that has ended, also as a zombie. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Files below the folder, relative to it. */
export async function filesOf(stateDir: string): Promise<string[]> {
  const entries = await readdir(stateDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(stateDir, path.join(entry.parentPath, entry.name)))
    .sort();
}
