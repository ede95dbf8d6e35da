/**
 * Measures the cost of the queue and of a waiting worker with its own Valkey: node scripts/run.mjs bench/queue.ts. Prints one JSON line per number.
 *
 *   create        jobs per second that 32 concurrent callers store and enqueue
 *   memory        bytes in Valkey for each of 10,000 queued jobs
 *   overhead      milliseconds from the call that stores a job to the start of its child process, and to its engine; TensorFlow is loaded
 *   orphan        milliseconds from a worker's SIGKILL to the end of its computing child
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../src/config/config.ts';
import { newJobId } from '../src/contract/job-id.ts';
import { parseJobSpec } from '../src/contract/job-spec.ts';
import { digitsJob, recordOf } from '../test/support/jobs.ts';
import { startQueue } from './queue-client.ts';

const queued = 10_000;
const callers = 32;
const overheadRuns = 10;

const { folder, url, client, stop } = await startQueue();

const report = (name: string, value: object) => console.log(JSON.stringify({ bench: name, ...value }));
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.redis.info('memory'))?.[1]);

async function create(iterations: number): Promise<string> {
  const spec = parseJobSpec(digitsJob(iterations));
  const id = newJobId();
  await client.jobs.create(recordOf(id, spec), spec, null);
  return id;
}

async function benchCreate(): Promise<string[]> {
  const before = await usedMemory();
  const start = performance.now();
  const ids: string[] = [];
  const caller = async () => {
    for (let made = 0; made < queued / callers; made += 1) ids.push(await create(10));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  report('create', { jobsPerSecond: Math.round((ids.length / (performance.now() - start)) * 1000), callers });
  report('memory', { bytesPerQueuedJob: Math.round(((await usedMemory()) - before) / ids.length), jobs: ids.length });
  return ids;
}

function startWorker() {
  const entry = path.join(import.meta.dirname, '..', 'workers', 'main.ts');
  const environment = { REDIS_URL: url, STATE_DIR: folder, DEVICES: 'cpu', WORKER_PORT: '0', LOG_LEVEL: 'warn' };
  return spawn(process.execPath, [...process.execArgv, entry], {
    env: childEnvironment(environment),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Waits until the only child of the worker has loaded TensorFlow, which is when it stops using processor time. */
async function warmChild(workerPid: number): Promise<number> {
  let before = '';
  for (;;) {
    await sleep(1000);
    const children = (await readText(`/proc/${workerPid}/task/${workerPid}/children`)).trim();
    const stat = /^\d+$/.test(children) ? await readText(`/proc/${children}/stat`) : '';
    // User and system time: fields 14 and 15 of proc(5).
    const used = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .join(' ');
    if (used !== '' && `${children} ${used}` === before) return Number(children);
    before = `${children} ${used}`;
  }
}

const readText = (file: string) => readFile(file, 'utf8').catch(() => '');

/** Milliseconds from the time at which the job was stored until the event. */
async function until(id: string, phase: string, storedAt: number): Promise<number> {
  for (;;) {
    const event = (await client.events.read(id, '', 100)).find(({ data }) => data.phase === phase);
    if (event) return Date.parse(event.at) - storedAt;
    await sleep(2);
  }
}

async function benchOverhead(workerPid: number): Promise<void> {
  const taken: number[] = [];
  const computing: number[] = [];
  for (let run = 0; run < overheadRuns; run += 1) {
    await warmChild(workerPid);
    const storedAt = Date.now();
    const id = await create(5);
    taken.push(await until(id, 'loading', storedAt));
    computing.push(await until(id, 'initializing', storedAt));
  }
  report('overhead', { toChildMs: median(taken), toEngineMs: median(computing), runs: overheadRuns });
}

async function benchOrphan(worker: ReturnType<typeof startWorker>): Promise<void> {
  const child = await warmChild(worker.pid ?? 0);
  const id = await create(1_000_000);
  await until(id, 'initializing', Date.now());
  const start = performance.now();
  worker.kill('SIGKILL');
  while (existsSync(`/proc/${child}/exe`)) await sleep(5);
  report('orphan', { ms: Math.round(performance.now() - start) });
}

try {
  const ids = await benchCreate();
  for (const id of ids) await client.jobs.cancel(id);
  const worker = startWorker();
  await benchOverhead(worker.pid ?? 0);
  await benchOrphan(worker);
} finally {
  await stop();
}
