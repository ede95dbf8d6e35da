/** Random faults for a minute over two worker processes of two devices each: nothing is lost, nothing is doubled, no device is shared. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/random.ts';
import { digitsJob } from '../support/jobs.ts';
import { type TestWorker, testService } from '../support/queue-service.ts';

const faults = 12;
const jobCount = 16;
const seed = Number(process.env.CHAOS_SEED ?? 1);

/** Times at which each device of a worker was busy, from its log. */
function busyTimes(worker: TestWorker): Map<string, [number, number][]> {
  const open = new Map<string, number>();
  const busy = new Map<string, [number, number][]>();
  for (const { msg, device, time } of worker.lines) {
    const name = String(device);
    if (msg === 'job begins') {
      assert.ok(!open.has(name), `${name} begins a job while another one runs`);
      open.set(name, Number(time));
    }
    if (msg === 'job ends') {
      busy.set(name, [...(busy.get(name) ?? []), [open.get(name) ?? 0, Number(time)]]);
      open.delete(name);
    }
  }
  return busy;
}

test(`every job reaches exactly one verdict whatever happens (seed ${seed})`, async (context) => {
  const service = await testService();
  const environment = { DEVICES: 'cpu,cpu', MAX_ATTEMPTS: '100', HEARTBEAT_SECONDS: '30' };
  const start = () => service.startWorker(environment);
  const workers = await Promise.all([start(), start()]);
  const all = [...workers];
  const random = createRandom(seed, 'chaos');

  // Four specifications: jobs of one must all end in the same bytes.
  const ids = await Promise.all(
    Array.from({ length: jobCount }, (_, at) => service.submit(digitsJob(2000, { seed: at % 4 }))),
  );
  const childPid = (worker: TestWorker) => Number(worker.lines.findLast(({ msg }) => msg === 'job begins')?.childPid);
  const signal = (pid: number, name: NodeJS.Signals) => {
    try {
      if (pid > 0) process.kill(pid, name);
    } catch {
      // It is over already.
    }
  };
  const actions: Record<string, () => Promise<void>> = {
    'kill a worker': async () => {
      const at = random.below(workers.length);
      await workers[at]?.stop();
      workers[at] = await start();
      all.push(workers[at] as TestWorker);
    },
    'drain a worker': async () => {
      const at = random.below(workers.length);
      workers[at]?.process.kill('SIGTERM');
      await workers[at]?.exited;
      workers[at] = await start();
      all.push(workers[at] as TestWorker);
    },
    'crash a child': async () => signal(childPid(workers[random.below(workers.length)] as TestWorker), 'SIGSEGV'),
    'freeze a worker': async () => {
      const worker = workers[random.below(workers.length)] as TestWorker;
      signal(worker.pid, 'SIGSTOP');
      await sleep(4000);
      signal(worker.pid, 'SIGCONT');
    },
    'restart Redis': async () => {
      await service.valkey.stop(random.below(2) === 0 ? 'SIGTERM' : 'SIGKILL');
      await sleep(random.below(4000));
      await service.valkey.start();
    },
    'cancel a job': async () => {
      await service.client.jobs.cancel(ids[random.below(ids.length)] as string).catch(() => null);
    },
  };
  const names = Object.keys(actions);
  for (let fault = 0; fault < faults; fault += 1) {
    const name = names[random.below(names.length)] as string;
    context.diagnostic(name);
    await actions[name]?.();
    await sleep(random.below(3000));
  }

  const bytes = new Map<number, string>();
  for (const [at, id] of ids.entries()) {
    const record = await service.finished(id);
    assert.ok(record.status === 'succeeded' || record.status === 'cancelled', `${id}: ${JSON.stringify(record)}`);
    const statuses = (await service.events(id))
      .filter(({ type }) => type === 'status')
      .map(({ data }) => String(data.status));
    assert.equal(
      statuses.filter((status) => !['queued', 'running', 'cancelling'].includes(status)).length,
      1,
      `${id}: ${statuses}`,
    );
    if (record.status === 'cancelled') continue;
    const digest = await service.weights(id);
    assert.equal(bytes.get(at % 4) ?? digest, digest, `${id} ends in other bytes than its twin`);
    bytes.set(at % 4, digest);
  }
  for (const worker of all) busyTimes(worker);
});
