/**
 * Random faults over two API processes, two workers and the connections of each to Valkey, while jobs, trainings and a comparison flow and clients follow them:
 * nothing is lost, nothing is doubled, nothing differs, nothing is left behind. CHAOS_SEED and CHAOS_FAULTS choose other faults and more of them.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ComparisonRequest,
  createClient,
  isComparisonOver,
  isFinished,
  type JobEvent,
} from '../../src/client/index.ts';
import { isAfter } from '../../src/contract/event-id.ts';
import { createQueueClient } from '../../src/queue/index.ts';
import { createRandom } from '../../src/random.ts';
import { type ChaosProcess, chaosService, commandsOf, filesOf, processesOf } from '../support/chaos-service.ts';
import { digitsJob } from '../support/jobs.ts';

const seed = Number(process.env.CHAOS_SEED ?? 1);
const faultCount = Number(process.env.CHAOS_FAULTS ?? 24);
const specCount = 2;
const jobCount = 8;
const iterations = 1000;

const comparison = {
  models: [{ model: digitsJob(1).model }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', { name: 'gradinit', options: { iterations: 300, batchSize: 32 } }],
  seeds: [0],
  training: { epochs: 10, batchSize: 16 },
  artifacts: ['safetensors'],
} as unknown as ComparisonRequest;

/** A fault of the network or of a process is answered by asking again, until it is over. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = Reflect.get(error as object, 'code');
      if (!['SERVICE_UNREACHABLE', 'QUEUE_UNAVAILABLE', 'OVERLOADED', 'SERVICE_ANSWER'].includes(String(code)))
        throw error;
      await sleep(200);
    }
  }
}

test(`whatever happens, jobs end once, with the bytes of an undisturbed run (seed ${seed})`, {
  timeout: 900_000,
}, async (context) => {
  const service = await chaosService();
  const { apis, workers, valkey, stateDir } = service;
  const clients = apis.map(({ url }) => createClient({ baseUrl: url, retries: 1000 }));
  const clientOf = (at: number) => clients[at % clients.length] as (typeof clients)[number];

  async function digest(id: string): Promise<string> {
    const folder = path.join(stateDir, '..', `download-${id}`);
    await persist(() => clientOf(0).download(id, 'weights.safetensors', folder));
    const bytes = await readFile(path.join(folder, 'weights.safetensors'));
    await rm(folder, { recursive: true });
    return createHash('sha256').update(bytes).digest('hex');
  }
  async function cellsOf(id: string): Promise<Record<string, string>> {
    const { jobs } = await persist(() => clientOf(0).comparisons.get(id));
    const cells = await Promise.all(
      Object.entries(jobs).map(async ([cell, job]) => [cell, await digest(job)] as const),
    );
    return Object.fromEntries(cells);
  }

  // Undisturbed: the bytes that everything must end in.
  const alone = await Promise.all(
    Array.from({ length: specCount }, async (_, at) => {
      const { id } = await clientOf(0).submit(digitsJob(iterations, { seed: at }) as never);
      await clientOf(0).wait(id);
      return digest(id);
    }),
  );
  const calm = await clientOf(0).comparisons.create(comparison);
  assert.equal((await clientOf(0).comparisons.wait(calm.id)).status, 'succeeded');
  const calmCells = await cellsOf(calm.id);

  const random = createRandom(seed, 'chaos');
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const processes = [...apis, ...workers];
  const childOf = (worker: ChaosProcess) => Number(/"childPid":(\d+)(?!.*"childPid")/s.exec(worker.output())?.[1] ?? 0);
  const cancelled = new Set<string>();
  const ids: string[] = [];
  const faults: Record<string, () => Promise<void>> = {
    'kill a process': async () => pick(processes).restart('SIGKILL'),
    'end a process in order': async () => pick(processes).restart('SIGTERM'),
    'freeze a process': async () => {
      const victim = pick(processes);
      victim.signal('SIGSTOP');
      await sleep(500 + random.below(6000));
      victim.signal('SIGCONT');
    },
    'kill a child': async () => {
      const pid = childOf(pick(workers));
      const isOurs = (await processesOf(stateDir)).includes(pid);
      if (isOurs) process.kill(pid, 'SIGKILL');
    },
    'cut connections': async () => pick(processes).proxy.cut(),
    'mute connections': async () => pick(processes).proxy.mute(),
    'swallow everything': async () => {
      const { proxy } = pick(processes);
      proxy.swallow();
      await sleep(500 + random.below(6000));
      proxy.restore();
    },
    'delay everything': async () => {
      const { proxy } = pick(processes);
      proxy.delay(20 + random.below(300));
      await sleep(2000);
      proxy.restore();
    },
    'restart Valkey': async () => {
      await valkey.stop(pick(['SIGTERM', 'SIGKILL'] as const));
      await sleep(random.below(3000));
      await valkey.start();
    },
    'cancel a job': async () => {
      const id = pick(ids);
      cancelled.add(id);
      await persist(() => clientOf(random.below(2)).cancel(id)).catch(() => {});
    },
  };

  /** Each job is submitted by one client and followed by another. */
  const followed = new Map<string, JobEvent[]>();
  async function run(at: number): Promise<void> {
    const key = `chaos-${at}`;
    const spec = digitsJob(iterations, { seed: at % specCount }) as never;
    const { id } = await persist(() => clientOf(at).submit(spec, { idempotencyKey: key }));
    ids.push(id);
    const seen: JobEvent[] = [];
    followed.set(id, seen);
    await persist(async () => {
      for await (const event of clientOf(at + 1).events(id, { after: seen.at(-1)?.id ?? '' })) seen.push(event);
    });
  }
  /** A table for each, stored while processes die. */
  async function upload(at: number): Promise<void> {
    const rows = Array.from({ length: 200 }, (_, row) => `${(row * (at + 3)) % 7},${row % 5},${row % 2}`);
    const content = new Blob([['a,b,label', ...rows].join('\n')]);
    const { id } = await persist(() => clientOf(at).upload([{ name: `table-${at}.csv`, content }]));
    const found = await persist(() => clientOf(at + 1).uploads());
    assert.ok(
      found.datasets.some((other) => other.id === id),
      `the upload ${id} is listed by the other API`,
    );
  }
  const runs = Array.from({ length: jobCount }, (_, at) => run(at));
  const stormy = await persist(() =>
    clientOf(1).comparisons.create(comparison, { idempotencyKey: 'chaos-comparison' }),
  );
  while (ids.length < jobCount) await sleep(50);

  const uploads: Promise<void>[] = [];
  const counts = new Map<string, number>();
  for (let fault = 0; fault < faultCount; fault += 1) {
    const name = pick(Object.keys(faults));
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (fault % 4 === 0) uploads.push(upload(fault));
    await faults[name]?.();
    await sleep(random.below(2500));
  }
  context.diagnostic(`${faultCount} faults: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`);

  await Promise.all([...runs, ...uploads]);
  const over = await persist(() => clientOf(0).comparisons.wait(stormy.id));
  assert.ok(isComparisonOver(over));
  assert.equal(over.status, 'succeeded', JSON.stringify(over.counts));
  assert.deepEqual(await cellsOf(stormy.id), calmCells, 'cells of the comparison');

  const queue = createQueueClient(
    {
      redisUrl: valkey.url,
      queuePrefix: '{gradinit}',
      redisTimeoutSeconds: 5,
      idempotencySeconds: 60,
      maxQueueSeconds: 3600,
      maxPausedSeconds: 3600,
      eventsPerJob: 100_000,
      name: 'chaos',
    } as never,
    { warn: () => {}, info: () => {} },
  );
  after(() => queue.close());
  await queue.ready();
  let events = 0;
  let equal = 0;
  for (const [id, seen] of followed) {
    const job = await persist(() => clientOf(0).get(id));
    assert.ok(
      isFinished(job.status) && (job.status === 'succeeded' || cancelled.has(id)),
      `${id}: ${JSON.stringify(job)}`,
    );
    // What was followed is what was stored, each event once and in order.
    assert.deepEqual(seen, await queue.events.read(id, '', 200_000), `events of ${id}`);
    for (const [at, event] of seen.entries()) assert.ok(at === 0 || isAfter(event.id, seen[at - 1]?.id ?? ''));
    events += seen.length;
    const ends = seen.filter(({ type, data }) => type === 'status' && isFinished(data.status as never));
    assert.equal(ends.length, 1, `${id}: ${JSON.stringify(ends)}`);
    assert.equal(seen.at(-1), ends[0], `${id}: the end comes last`);
    assertNoRepeat(id, seen);
    if (job.status !== 'succeeded') continue;
    const record = seen.filter(({ type }) => type === 'progress').at(-1);
    assert.equal(record?.data.iteration, iterations, `${id}: the last iteration`);
    const at = Number((await queue.jobs.spec(id))?.seed);
    assert.equal(await digest(id), alone[at], `${id}: weights of seed ${at}`);
    equal += 1;
  }
  context.diagnostic(
    `${followed.size} jobs in one terminal state each (${equal} succeeded with equal weights, ${followed.size - equal} cancelled), ` +
      `${Object.keys(calmCells).length} cells with equal weights, ${events} events without gap or repeat`,
  );

  for (const each of processes) await each.stop();
  await eventually('no process is left', async () => commandsOf(stateDir));
  // What killed processes left half written is swept by the next one that starts.
  apis[0]?.start();
  const isStray = (file: string) => file.includes('.gradinit-tmp') || /^(work|checkpoints)\//.test(file);
  await eventually('no stray file is left', async () => (await filesOf(stateDir)).filter(isStray));
  const published = new Set(
    (await filesOf(stateDir)).flatMap((file) => /^artifacts\/([^/]+)\/files\//.exec(file)?.[1] ?? []),
  );
  for (const id of followed.keys()) {
    const status = (await queue.jobs.get(id))?.status;
    assert.equal(published.has(id), status === 'succeeded', `${id} is ${status}`);
  }
  const keys = await queue.redis.keys(`${queue.keys.prefix}:*`);
  const left = keys.filter((key) => /:(checkpoints?|history|outbox)\b/.test(key));
  assert.deepEqual(left, [], 'keys that are left');
  context.diagnostic(`no process, temporary file or checkpoint left; ${published.size} artifacts`);
});

/** Waits for an empty list; fails with what it holds. */
async function eventually(what: string, look: () => Promise<readonly string[]>): Promise<void> {
  for (let left = 120; ; left -= 1) {
    const found = await look();
    if (found.length === 0) return;
    assert.ok(left > 0, `${what}: ${found.join(', ')}`);
    await sleep(500);
  }
}

/** Within an attempt every iteration comes once, in order: nothing is written twice because a connection broke. */
function assertNoRepeat(id: string, events: readonly JobEvent[]): void {
  let last = 0;
  for (const { type, data } of events) {
    if (type === 'status' && typeof data.attempt === 'number') last = 0;
    if (type !== 'progress') continue;
    const iteration = Number(data.iteration);
    assert.ok(iteration > last, `${id}: iteration ${iteration} comes after ${last}`);
    last = iteration;
  }
}
