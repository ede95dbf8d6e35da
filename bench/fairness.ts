/**
 * Measures how three tenants share the workers: node scripts/run.mjs bench/fairness.ts. Writes its tables to docs/benchmarks.md.
 *
 * 1,000 jobs of 30 to 90 virtual seconds run on 20 workers, through the real queue (test/support/queue-simulation.ts). For comparison, the waiting
 * time of each job is computed for the same jobs in first-in, first-out order.
 */
import { type Priority, priorities } from '../src/contract/job-spec.ts';
import { createRandom } from '../src/random.ts';
import {
  countByOwner,
  type SimulatedJob,
  type SimulatedRun,
  simulateQueue,
  withContention,
} from '../test/support/queue-simulation.ts';
import { machineLine, markdownTable, writeSection } from './docs.ts';
import { startQueue } from './queue-client.ts';

const workers = 20;
const owners = ['heavy', 'mixed', 'light'];
const random = createRandom(1, 'fairness');

const jobsOf = (
  count: number,
  owner: string,
  priority: Priority,
  arrivesAt: (at: number) => number = () => 0,
): SimulatedJob[] =>
  Array.from({ length: count }, (_, at) => ({
    owner,
    priority,
    arrivesAt: arrivesAt(at),
    seconds: 30 + 60 * random.uniform(),
  }));

const jobs = [
  ...jobsOf(700, 'heavy', 'high'),
  ...jobsOf(50, 'mixed', 'low'),
  ...jobsOf(150, 'mixed', 'normal'),
  ...jobsOf(50, 'mixed', 'high'),
  ...jobsOf(30, 'light', 'normal', () => 600),
  ...jobsOf(20, 'light', 'normal', (at) => 1800 + 60 * at),
];

/** The same jobs in the order of their arrival, each on the worker that is free first. */
function firstInFirstOut(): SimulatedRun[] {
  const freeAt = new Array<number>(workers).fill(0);
  return jobs.map((job) => {
    const next = freeAt.indexOf(Math.min(...freeAt));
    const startsAt = Math.max(freeAt[next] ?? 0, job.arrivesAt);
    freeAt[next] = startsAt + job.seconds;
    return { ...job, startsAt };
  });
}

function shareTable(runs: readonly SimulatedRun[]): string {
  const groups = new Map<string, SimulatedRun[]>();
  for (const { run, waiting } of withContention(runs)) {
    const name = owners.filter((owner) => waiting.includes(owner)).join(', ');
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  const rows = [...groups].map(([name, group]) => {
    const counts = countByOwner(group);
    const share = (owner: string) => {
      const count = counts[owner] ?? 0;
      return count === 0 ? '' : `${count} (${((100 * count) / group.length).toFixed(1)} %)`;
    };
    return [name, group.length, ...owners.map(share)];
  });
  return markdownTable(['tenants with jobs waiting', 'jobs started', ...owners], rows);
}

const minutes = (seconds: number) => (seconds / 60).toFixed(1);

function waits(runs: readonly SimulatedRun[]): string[] {
  const sorted = runs.map(({ startsAt, arrivesAt }) => startsAt - arrivesAt).sort((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0].map(minutes);
}

const lastEnd = (runs: readonly SimulatedRun[]) => Math.max(...runs.map(({ startsAt, seconds }) => startsAt + seconds));

function waitTable(fair: readonly SimulatedRun[], plain: readonly SimulatedRun[]): string {
  const row = (name: string, priority: string, matches: (run: SimulatedRun) => boolean) => {
    const [own, other] = [fair.filter(matches), plain.filter(matches)];
    return [name, priority, own.length, ...waits(own), ...waits(other)];
  };
  const rows = owners.flatMap((owner) =>
    priorities
      .filter((priority) => jobs.some((job) => job.owner === owner && job.priority === priority))
      .map((priority) => row(owner, priority, (run) => run.owner === owner && run.priority === priority)),
  );
  const header = [
    'tenant',
    'priority',
    'jobs',
    'median wait',
    'longest wait',
    'FIFO: median wait',
    'FIFO: longest wait',
  ];
  return markdownTable(header, rows);
}

const queue = await startQueue();
try {
  const fair = await simulateQueue(queue.client, jobs, workers);
  const plain = firstInFirstOut();
  const ends = `All jobs are over after ${minutes(lastEnd(fair))} minutes, first in, first out after ${minutes(lastEnd(plain))}.`;
  const body = [machineLine(), shareTable(fair), `Waits in virtual minutes. ${ends}`, waitTable(fair, plain)];
  console.log(body.join('\n\n'));
  writeSection('fairness', body.join('\n\n'));
} finally {
  await queue.stop();
}
