/**
 * Measures the cost of a job in the queue by the number of workers: node scripts/run.mjs bench/scale.ts [--jobs 20000] [--workers 1,10,100,1000]
 * [--write-docs]
 *
 * For every number of workers, with a new Valkey: all jobs are stored, then taken and finished at once by workers that compute nothing (the code of
 * the service without the child process). Valkey's processor time and memory per job do not depend on other load of the machine. The jobs per second
 * do, because callers, workers and Valkey share it.
 */
import { parseArgs } from 'node:util';
import { newJobId } from '../src/contract/job-id.ts';
import { parseJobSpec } from '../src/contract/job-spec.ts';
import { createAnnouncements, createAttempts, createDispatcher, type Handled } from '../src/queue/index.ts';
import { digitsJob, recordOf } from '../test/support/jobs.ts';
import { machineLine, markdownTable, writeSection } from './docs.ts';
import { startQueue } from './queue-client.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '20000' },
    workers: { type: 'string', default: '1,10,100,1000' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const callers = 32;
const retryPolicy = { maxAttempts: 3, initialMs: 0, factor: 1, maxMs: 0, nonRetryable: [] };

type Queue = Awaited<ReturnType<typeof startQueue>>;

interface Usage {
  readonly cpuSeconds: number;
  readonly bytes: number;
}

async function usageOf({ client }: Queue): Promise<Usage> {
  const info = `${await client.redis.info('cpu')}\n${await client.redis.info('memory')}`;
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return { cpuSeconds: field('used_cpu_user') + field('used_cpu_sys'), bytes: field('used_memory') };
}

async function storeJobs({ client }: Queue, count: number): Promise<void> {
  const spec = parseJobSpec(digitsJob(1));
  let stored = 0;
  const caller = async () => {
    while (stored < count) {
      stored += 1;
      await client.jobs.create(recordOf(newJobId(), spec), spec, null);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Resolves when every job has finished. Throws the errors of workers. */
async function finishJobs({ client }: Queue, jobs: number, workers: number): Promise<void> {
  const connection = client.connectPatient('scale');
  const announcements = createAnnouncements(client.connectPatient('scale-announcements'), client.keys);
  const attempts = createAttempts(connection, client.keys, { eventsPerJob: 10, retryPolicy });
  connection.setMaxListeners(0);
  let open = jobs;
  let finish = () => {};
  let fail = (_error: Error) => {};
  const allOver = new Promise<void>((resolve, reject) => {
    [finish, fail] = [resolve, reject];
  });
  const handle = async ({ ticket }: { ticket: string }): Promise<Handled> => {
    const attempt = await attempts.begin(ticket, 'cpu');
    if (!(await attempt?.finish('succeeded', {}))) throw new Error(`the ticket ${ticket} is for no job that is open`);
    open -= 1;
    if (open === 0) finish();
    return 'done';
  };
  const dispatchers = Array.from({ length: workers }, (_, at) =>
    createDispatcher(connection, client.keys, {
      queues: ['any'],
      lockMs: 30_000,
      stalledCheckMs: 30_000,
      name: `scale-${at}`,
      handle,
      turn: () => ({ begin: () => {}, end: () => {} }),
      onWork: announcements.onWork,
      onError: (error) => fail(error),
    }),
  );
  try {
    await allOver;
  } finally {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.close()));
    announcements.close();
    connection.disconnect();
  }
}

async function measure(jobs: number, workers: number): Promise<(string | number)[]> {
  const queue = await startQueue();
  try {
    const start = await usageOf(queue);
    await storeJobs(queue, jobs);
    const stored = await usageOf(queue);
    const before = performance.now();
    await finishJobs(queue, jobs, workers);
    const seconds = (performance.now() - before) / 1000;
    const finished = await usageOf(queue);
    const micros = (from: Usage, to: Usage) => Math.round((1e6 * (to.cpuSeconds - from.cpuSeconds)) / jobs);
    const kibibytes = ({ bytes }: Usage) => ((bytes - start.bytes) / jobs / 1024).toFixed(2);
    return [
      workers,
      jobs,
      micros(start, stored),
      micros(stored, finished),
      kibibytes(stored),
      kibibytes(finished),
      Math.round(jobs / seconds),
    ];
  } finally {
    await queue.stop();
  }
}

const header = [
  'workers',
  'jobs',
  'Valkey µs to store one',
  'Valkey µs to run one',
  'KiB queued',
  'KiB finished',
  'jobs/s',
];
const rows: (string | number)[][] = [];
for (const workers of values.workers.split(',').map(Number)) {
  const row = await measure(Number(values.jobs), workers);
  rows.push(row);
  console.log(row.join('  '));
}
const table = markdownTable(header, rows);
console.log(`\n${table}`);
if (values['write-docs']) writeSection('scale', `${machineLine()}\n\n${table}`);
