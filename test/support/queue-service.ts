/** The queue and its workers as in production: real Valkey, real worker processes, jobs that the engine computes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newJobId } from '../../src/contract/job-id.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import type { JobEvent, JobRecord } from '../../src/contract/job-state.ts';
import { isTerminal } from '../../src/contract/job-status.ts';
import { createQueueClient, type QueueClient } from '../../src/queue/index.ts';
import { atEnd } from './at-end.ts';
import { recordOf } from './jobs.ts';
import { temporaryFolder } from './temporary.ts';
import { type TestValkey, testValkey } from './valkey.ts';

process.once('SIGTERM', () => process.exit(1));

const root = path.resolve(import.meta.dirname, '..', '..');
/** Time limit for an awaited event, in milliseconds. */
const patienceMs = 90_000;
const silent = { warn: () => {}, info: () => {} };

export interface TestWorker {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The lines of the worker's log. */
  readonly lines: Record<string, unknown>[];
  /** The first log line with that message; waits for it. */
  logged(message: string, matches?: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

export interface TestService {
  readonly valkey: TestValkey;
  readonly client: QueueClient;
  readonly stateDir: string;
  startWorker(environment?: Record<string, string>): Promise<TestWorker>;
  submit(spec: unknown): Promise<string>;
  /** Resolves with the record when it satisfies the condition. */
  until(id: string, condition: (record: JobRecord) => boolean): Promise<JobRecord>;
  finished(id: string): Promise<JobRecord>;
  events(id: string): Promise<JobEvent[]>;
  /** SHA-256 of the published safetensors file. */
  weights(id: string): Promise<string>;
}

/** Short intervals, so that faults are detected within a test. */
const fast = {
  LOCK_SECONDS: '2',
  STALLED_CHECK_SECONDS: '0.5',
  CANCEL_GRACE_SECONDS: '1',
  CHECKPOINT_SECONDS: '0',
  HEARTBEAT_SECONDS: '60',
  DRAIN_SECONDS: '5',
  MAX_ATTEMPTS: '3',
  RETRY_INITIAL_SECONDS: '0',
  WORKER_PORT: '0',
  DEVICES: 'cpu',
  LOG_LEVEL: 'debug',
  TF_NUM_INTRAOP_THREADS: '1',
};

export async function testService(): Promise<TestService> {
  const stateDir = await temporaryFolder();
  const valkey = await testValkey();
  const client = createQueueClient(
    {
      redisUrl: valkey.url,
      queuePrefix: '{gradinit}',
      redisTimeoutSeconds: 2,
      idempotencySeconds: 60,
      maxQueueSeconds: 3600,
      maxPausedSeconds: 3600,
      eventsPerJob: 2000,
      maxQueuedJobsPerKey: 100_000,
      name: 'test',
    },
    silent,
  );
  atEnd(() => client.close());
  await client.ready();

  const until: TestService['until'] = async (id, condition) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const record = await client.jobs.get(id).catch(() => null);
      if (record !== null && condition(record)) return record;
      if (Date.now() > deadline) throw new Error(`job ${id} did not get there: ${JSON.stringify(record)}`);
      await sleep(20);
    }
  };

  return {
    valkey,
    client,
    stateDir,
    until,
    startWorker: (environment = {}) =>
      startWorker({ ...fast, REDIS_URL: valkey.url, STATE_DIR: stateDir, ...environment }),
    async submit(input) {
      const spec = parseJobSpec(input);
      const id = newJobId();
      await client.jobs.create(recordOf(id, spec), spec, null);
      return id;
    },
    finished: (id) => until(id, ({ status }) => isTerminal(status)),
    events: (id) => client.events.read(id, '', 10_000),
    async weights(id) {
      const file = path.join(stateDir, 'artifacts', id, 'files', 'weights.safetensors');
      return createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    },
  };
}

async function startWorker(environment: Record<string, string>): Promise<TestWorker> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'workers/main.ts'], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
    for (const wake of waiting) wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  atEnd(stop);
  // A test file that exceeds its timeout is ended by SIGTERM, without running its hooks.
  process.once('exit', () => child.kill('SIGKILL'));
  const logged: TestWorker['logged'] = async (message, matches = () => true) => {
    const gone = exited.then(({ code, signal }) => {
      throw new Error(`the worker ended (${code ?? signal}) before it logged "${message}": ${errors}`);
    });
    gone.catch(() => {});
    for (;;) {
      const line = lines.find((candidate) => candidate.msg === message && matches(candidate));
      if (line) return line;
      await Promise.race([gone, new Promise<void>((resolve) => waiting.add(resolve))]);
      waiting.clear();
    }
  };
  const worker = { process: child, pid: child.pid as number, lines, logged, exited, stop };
  await logged('working');
  return worker;
}

/** False for a process that has ended, also as a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
