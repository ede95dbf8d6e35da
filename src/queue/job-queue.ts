/**
 * BullMQ as the dispatcher of tickets, fed from the outbox: one of its queues for each device class. It hands out tickets in the order of their virtual start
 * (scripts/fair.ts), delays them and notices workers that vanish. The records of jobs are kept elsewhere (job-store.ts).
 */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DeviceClass } from '../contract/device-class.ts';
import { guarded } from './connection.ts';
import { type Keys, queueNames } from './keys.ts';
import { adoptScript, createRunScript } from './scripts/index.ts';

export interface JobQueue {
  /** Puts tickets of the outbox into BullMQ. Doing it twice does nothing twice. */
  flush(tickets: readonly string[]): Promise<void>;
  /** The ticket that a job has just brought. */
  flushJob(jobId: string): Promise<void>;
  /** Flushes what other processes left behind, and adopts tickets that BullMQ has lost. */
  reconcile(): Promise<void>;
  /** Takes a ticket out, if it is still there. */
  withdraw(queue: DeviceClass, ticket: string): Promise<void>;
  close(): Promise<void>;
}

/** Entries that the process which wrote them may still be flushing itself. */
const ownFlushMs = 1000;
const adoptMs = 5000;
const batch = 500;

/** Records are the truth and hold every result: BullMQ keeps nothing of a ticket that is used up. */
const ticketOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true, stackTraceLimit: 1 };

/** "Q START OWNER" */
const slotPattern = /^(\S+) (\d+) /;

export function createJobQueue(redis: Redis, keys: Keys): JobQueue {
  const run = createRunScript(redis, keys.prefix, 0);
  const queues = new Map(
    queueNames.map((name) => {
      const queue = new Queue(name, {
        connection: redis,
        prefix: keys.bull,
        skipWaitingForReady: true,
        skipVersionCheck: true,
        streams: { events: { maxLen: 100 } },
      });
      // Failures reach the callers as rejections; an emitter without a listener would end the process.
      queue.on('error', () => {});
      return [name, queue] as const;
    }),
  );

  const add = async (tickets: readonly string[]) => {
    const slots = await redis.hmget(keys.tickets, ...tickets);
    const known = tickets.flatMap((ticket, at) => {
      const [, name, start] = slotPattern.exec(slots[at] ?? '') ?? [];
      return name === undefined ? [] : [{ ticket, name, start: Number(start) }];
    });
    for (const [name, queue] of queues) {
      const ours = known.filter((entry) => entry.name === name);
      if (ours.length === 0) continue;
      await queue.addBulk(
        ours.map(({ ticket, start }) => ({
          name: 'run',
          data: null,
          // BullMQ's 0 means no priority, which it serves first.
          opts: { ...ticketOptions, jobId: ticket, priority: start + 1 },
        })),
      );
      await redis.publish(keys.workChannel, name);
    }
    await redis.zrem(keys.outbox, ...tickets);
  };

  const flush = (tickets: readonly string[]) =>
    guarded(async () => {
      for (let from = 0; from < tickets.length; from += batch) await add(tickets.slice(from, from + batch));
    });

  const adopt = async () => {
    // One process of all looks at every ticket, now and then.
    if ((await redis.set(keys.adopting, '1', 'PX', adoptMs, 'NX')) === null) return;
    for (let cursor = '0'; ; ) {
      const [next, entries] = await redis.hscan(keys.tickets, cursor, 'COUNT', batch);
      const tickets = entries.filter((_, at) => at % 2 === 0);
      if (tickets.length > 0) await run(adoptScript, keys.bull, ...tickets);
      if (next === '0') return;
      cursor = next;
    }
  };

  return {
    flush,
    flushJob: (jobId) =>
      guarded(async () => {
        const execution = await redis.hget(keys.job(jobId), 'execution');
        if (execution !== null) await flush([`${jobId}.${execution}`]);
      }),
    reconcile: () =>
      guarded(async () => {
        await adopt();
        await flush(await redis.zrangebyscore(keys.outbox, '-inf', Date.now() - ownFlushMs));
      }),
    withdraw: (name, ticket) =>
      guarded(async () => {
        await queues.get(name)?.remove(ticket);
      }),
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
