/**
 * Workers that compute nothing, on the real queue: jobs are stored, ordered, taken and finished by the production code, and only the duration of a
 * job is simulated. Time is virtual: it advances to the next end of a job or the next arrival when every worker that can have a job has one. The
 * order of the jobs therefore does not depend on the speed of the machine.
 */
import { newJobId } from '../../src/contract/job-id.ts';
import { type Priority, parseJobSpec } from '../../src/contract/job-spec.ts';
import {
  createAnnouncements,
  createAttempts,
  createDispatcher,
  type Handled,
  type QueueClient,
} from '../../src/queue/index.ts';
import { digitsJob, recordOf } from './jobs.ts';

export interface SimulatedJob {
  readonly owner: string;
  readonly priority: Priority;
  readonly arrivesAt: number;
  /** Duration in virtual seconds, the unit of all times. */
  readonly seconds: number;
}

export interface SimulatedRun extends SimulatedJob {
  readonly startsAt: number;
}

const callers = 16;
/** Time limit for one step of the simulation, in real milliseconds. */
const patienceMs = 60_000;
const retryPolicy = { maxAttempts: 3, initialMs: 0, factor: 1, maxMs: 0, nonRetryable: [] };

/** The jobs that workers hold, and the virtual time at which each ends. */
function createJobsInHand() {
  const ends = new Map<string, { readonly endsAt: number; readonly end: () => void }>();
  let changed = () => {};
  let failure: Error | null = null;
  const fail = (error: Error) => {
    failure ??= error;
    changed();
  };
  return {
    fail,
    /** Resolves when the virtual time is reached. */
    hold: (id: string, endsAt: number) =>
      new Promise<void>((end) => {
        ends.set(id, { endsAt, end });
        changed();
      }),
    /** Waits until `count` jobs are held. Throws the first error passed to `fail`. */
    async until(count: number) {
      const tooLate = () => fail(new Error(`${ends.size} workers have a job and ${count} should have one`));
      const timer = setTimeout(tooLate, patienceMs);
      while (ends.size !== count && failure === null) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
      clearTimeout(timer);
      if (failure !== null) throw failure;
    },
    firstEnd: () => Math.min(...[...ends.values()].map(({ endsAt }) => endsAt)),
    /** Ends the jobs whose time is reached and returns their number. */
    endUntil(time: number) {
      const over = [...ends].filter(([, { endsAt }]) => endsAt <= time);
      for (const [id, { end }] of over) {
        ends.delete(id);
        end();
      }
      return over.length;
    },
  };
}

/**
 * Runs all jobs on a number of workers and returns them in the order in which they were started. Throws when a job is lost, is run twice, or waits
 * while a worker is free.
 *
 * @param jobs by time of arrival; jobs with equal times are stored in the given order
 */
export async function simulateQueue(
  client: QueueClient,
  jobs: readonly SimulatedJob[],
  workers: number,
): Promise<SimulatedRun[]> {
  const connection = client.connectPatient('simulation');
  const announcements = createAnnouncements(client.connectPatient('simulation-announcements'), client.keys);
  const attempts = createAttempts(connection, client.keys, { eventsPerJob: 10, retryPolicy });
  const inHand = createJobsInHand();
  const stored = new Map<string, SimulatedJob>();
  const runs: SimulatedRun[] = [];
  let now = 0;

  const handle = async ({ ticket }: { ticket: string }): Promise<Handled> => {
    const attempt = await attempts.begin(ticket, 'cpu');
    const job = stored.get(attempt?.record.id ?? '');
    if (attempt === null || job === undefined) throw new Error(`the ticket ${ticket} is for no job of the simulation`);
    const { id, attempt: number } = attempt.record;
    if (number !== 1) throw new Error(`job ${id} was started twice`);
    runs.push({ ...job, startsAt: now });
    await inHand.hold(id, now + job.seconds);
    if (!(await attempt.finish('succeeded', {}))) throw new Error(`job ${id} belongs to another attempt`);
    return 'done';
  };

  const startWorker = (name: string) =>
    createDispatcher(connection, client.keys, {
      queues: ['any'],
      lockMs: 30_000,
      stalledCheckMs: 30_000,
      name,
      handle,
      turn: () => ({ begin: () => {}, end: () => {} }),
      onWork: announcements.onWork,
      // Receives the errors of `handle` too.
      onError: inHand.fail,
    });

  const store = async (job: SimulatedJob) => {
    const spec = parseJobSpec({ ...digitsJob(1), priority: job.priority });
    const id = newJobId();
    stored.set(id, job);
    await client.jobs.create({ ...recordOf(id, spec), owner: job.owner }, spec, null);
  };

  const arrive = async () => {
    const due = jobs.slice(stored.size).filter(({ arrivesAt }) => arrivesAt <= now);
    while (due.length > 0) await Promise.all(due.splice(0, callers).map(store));
  };

  const dispatchers: ReturnType<typeof startWorker>[] = [];
  try {
    // The first arrivals are stored before the first worker looks for a job.
    await arrive();
    for (let at = 0; at < workers; at += 1) dispatchers.push(startWorker(`simulated-${at}`));
    for (let ended = 0; ended < jobs.length; ended += inHand.endUntil(now)) {
      await inHand.until(Math.min(workers, stored.size - ended));
      now = Math.min(jobs[stored.size]?.arrivesAt ?? Number.POSITIVE_INFINITY, inHand.firstEnd());
      // Arrivals precede the ends, so that a job that arrives when a worker becomes free can be its next one.
      await arrive();
    }
  } finally {
    inHand.endUntil(Number.POSITIVE_INFINITY);
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.close()));
    announcements.close();
    connection.disconnect();
  }
  const { succeeded } = await client.jobs.counts(null);
  if (succeeded !== jobs.length) throw new Error(`${jobs.length} jobs were stored and ${succeeded} succeeded`);
  return runs;
}

/** A run, and the owners with waiting jobs immediately before it was started, its own included, in alphabetical order. */
export interface ContendedRun {
  readonly run: SimulatedRun;
  readonly waiting: readonly string[];
}

/** @param runs in the order in which they were started */
export const withContention = (runs: readonly SimulatedRun[]): ContendedRun[] =>
  runs.map((run, at) => {
    const waiting = runs.slice(at).filter(({ arrivesAt }) => arrivesAt <= run.startsAt);
    return { run, waiting: [...new Set(waiting.map(({ owner }) => owner))].sort() };
  });

/** Number of runs of each owner. */
export function countByOwner(runs: readonly SimulatedRun[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner } of runs) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}
