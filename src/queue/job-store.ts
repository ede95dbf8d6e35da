/** The records of jobs in Redis: the truth about every job. Statuses move by compare-and-set scripts, so exactly one terminal status is ever reached. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { JobSpec } from '../contract/job-spec.ts';
import { type JobRecord, type JobStatus, jobStatuses, statusesBefore } from '../contract/job-state.ts';
import { uploadsOfJob } from '../contract/references.ts';
import { AppError } from '../errors.ts';
import type { JobStore } from '../jobs/ports.ts';
import { guarded } from './connection.ts';
import type { JobQueue } from './job-queue.ts';
import { executionId, type Keys } from './keys.ts';
import { decodeRecord, encodeFields, packJson, unpackJson } from './record.ts';
import { createScript, moveScript, removeScript, requeueScript, runScript } from './scripts.ts';
import { createUploadUses } from './upload-uses.ts';

export interface JobStoreOptions {
  readonly idempotencySeconds: number;
  /** Also the bound on what a specification asks for. */
  readonly maxQueueSeconds: number;
  readonly eventsPerJob: number;
}

export interface RedisJobStore extends JobStore {
  /** How many jobs are in each status. */
  counts(): Promise<Record<JobStatus, number>>;
  /** Queued jobs whose time in the queue is over become expired. Returns their ids. */
  expireQueued(): Promise<string[]>;
  /** Ids of jobs that finished before, oldest first. */
  finishedBefore(timeMs: number, limit: number): Promise<string[]>;
  /** Jobs that finished later, oldest first. */
  finishedAfter(timeMs: number, limit: number): Promise<{ id: string; finishedAtMs: number }[]>;
  ping(): Promise<void>;
}

export function createJobStore(redis: Redis, queue: JobQueue, keys: Keys, options: JobStoreOptions): RedisJobStore {
  const run = (script: typeof moveScript, args: readonly (string | number | Buffer)[]) =>
    guarded(() => runScript(redis, script, keys.prefix, args));
  const deadline = (spec: JobSpec, nowMs: number) =>
    nowMs + Math.min(spec.limits?.maxQueueSeconds ?? options.maxQueueSeconds, options.maxQueueSeconds) * 1000;

  const get = (id: string) => guarded(async () => decodeRecord(await hashOf(redis, keys.job(id))));

  const spec = (id: string) =>
    guarded(async () => {
      const bytes = await redis.getBuffer(keys.spec(id));
      return bytes === null ? null : ((await unpackJson(bytes)) as JobSpec);
    });

  /** What is stored is answered for: when BullMQ cannot be reached now, the reconciler of any process will hand it over. */
  const handOver = async (id: string) => {
    const execution = await redis.hget(keys.job(id), 'execution');
    await queue.flush([executionId(id, execution ?? 1)]);
  };

  const move: JobStore['move'] = async (id, to, patch = {}) => {
    const at = new Date();
    const finished = to === 'succeeded' || to === 'failed' || to === 'cancelled' || to === 'expired';
    const fields = { ...(finished ? { finishedAt: at.toISOString(), phase: null } : {}), ...patch };
    const event = JSON.stringify({ status: to, ...(fields.error ? { error: fields.error } : {}) });
    const from = `,${statusesBefore(to).join(',')},`;
    const reply = await run(moveScript, [
      id,
      '',
      to,
      from,
      at.getTime(),
      options.eventsPerJob,
      at.toISOString(),
      event,
      ...encodeFields(fields),
    ]);
    return decodeRecord(reply as string[] | null);
  };

  const uses = createUploadUses(redis, keys);

  return {
    get,
    spec,
    move,

    async create(record, specification, idempotency) {
      await uses.add(uploadsOfJob(specification), record.id);
      const nowMs = Date.now();
      const reply = (await run(createScript, [
        record.id,
        await packJson(specification),
        idempotency === null ? '' : keys.idempotency(hash(`${record.owner}\0${idempotency.key}`)),
        idempotency?.bodyHash ?? '',
        Math.ceil(options.idempotencySeconds * 1000),
        record.owner,
        nowMs,
        deadline(specification, nowMs),
        ...encodeFields(record),
      ])) as [string, string];
      const [outcome, id] = reply;
      if (outcome === 'conflict')
        throw new AppError('IDEMPOTENCY_CONFLICT', `the Idempotency-Key was used with another body, for job ${id}`);
      if (outcome !== 'created') return { record: (await get(id)) ?? record, existing: true };
      await queue.flush([executionId(id, 1)]).catch(() => {});
      return { record, existing: false };
    },

    list: ({ owner, status, after, limit }) =>
      guarded(async () => {
        const from = after === undefined ? '+' : `(${after}`;
        const ids = await redis.zrevrangebylex(keys.index(status ?? 'any', owner), from, '-', 'LIMIT', 0, limit + 1);
        const found = await Promise.all(ids.slice(0, limit).map((id) => hashOf(redis, keys.job(id))));
        return { records: found.map(decodeRecord).filter((record) => record !== null), hasMore: ids.length > limit };
      }),

    async requeue(id) {
      const specification = await spec(id);
      if (specification === null) return null;
      await uses.add(uploadsOfJob(specification), id);
      const at = new Date();
      const cleared = encodeFields({
        error: null,
        finishedAt: null,
        startedAt: null,
        phase: null,
        metrics: null,
        device: null,
      });
      const reply = await run(requeueScript, [
        id,
        options.eventsPerJob,
        at.toISOString(),
        at.getTime(),
        deadline(specification, at.getTime()),
        ...cleared,
      ]);
      const record = decodeRecord(reply as string[] | null);
      if (record !== null) await handOver(id).catch(() => {});
      return record;
    },

    position: (id) =>
      guarded(async () => {
        const rank = await redis.zrank(keys.waiting, id);
        return rank === null ? null : rank + 1;
      }),

    async cancel(id) {
      // The job may be taken up between the two: then the second finds it running.
      const record = (await move(id, 'cancelling')) ?? (await cancelQueued(id)) ?? (await move(id, 'cancelling'));
      return record ?? get(id);
    },

    async remove(id) {
      const outcome = await run(removeScript, [id]);
      if (outcome === 'removed' || outcome === 'absent') return;
      throw new AppError('JOB_STATE', `job ${id} is ${outcome}; cancel it before it is removed`);
    },

    countQueued: (owner) => guarded(() => redis.zcard(keys.index('queued', owner))),

    counts: () =>
      guarded(async () => {
        const entries = await Promise.all(
          jobStatuses.map(async (status) => [status, await redis.zcard(keys.index(status, null))] as const),
        );
        return Object.fromEntries(entries) as Record<JobStatus, number>;
      }),

    async expireQueued() {
      const due = await guarded(() => redis.zrangebyscore(keys.deadlines, '-inf', Date.now(), 'LIMIT', 0, 1000));
      const error = { code: 'JOB_EXPIRED', message: 'the job waited in the queue longer than its limit' };
      // Only from queued: a job that was taken up in the meantime has left the deadlines and its run has a limit of its own.
      const moved = await Promise.all(due.map((id) => moveQueued(id, 'expired', { error })));
      return due.filter((_, at) => moved[at] !== null);
    },

    finishedBefore: (timeMs, limit) =>
      guarded(() => redis.zrangebyscore(keys.finished, '-inf', timeMs, 'LIMIT', 0, limit)),

    finishedAfter: (timeMs, limit) =>
      guarded(async () => {
        const reply = await redis.zrangebyscore(keys.finished, `(${timeMs}`, '+inf', 'WITHSCORES', 'LIMIT', 0, limit);
        return Array.from({ length: reply.length / 2 }, (_, at) => ({
          id: reply[2 * at] as string,
          finishedAtMs: Number(reply[2 * at + 1]),
        }));
      }),

    async ping() {
      await guarded(() => redis.ping());
    },
  };

  async function moveQueued(id: string, to: JobStatus, patch: Partial<JobRecord> = {}): Promise<JobRecord | null> {
    const at = new Date();
    const execution = await guarded(() => redis.hget(keys.job(id), 'execution'));
    const event = JSON.stringify({ status: to, ...patch });
    const fields = encodeFields({ finishedAt: at.toISOString(), ...patch });
    const reply = await run(moveScript, [
      id,
      '',
      to,
      ',queued,',
      at.getTime(),
      options.eventsPerJob,
      at.toISOString(),
      event,
      ...fields,
    ]);
    const record = decodeRecord(reply as string[] | null);
    // A worker that gets it all the same sees that it is over.
    if (record !== null) await queue.withdraw(id, Number(execution)).catch(() => {});
    return record;
  }

  function cancelQueued(id: string): Promise<JobRecord | null> {
    return moveQueued(id, 'cancelled');
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** HGETALL as the scripts answer it. */
async function hashOf(redis: Redis, key: string): Promise<string[]> {
  return Object.entries(await redis.hgetall(key)).flat();
}
