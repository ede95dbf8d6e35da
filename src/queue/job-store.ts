/** The records of jobs in Redis: the truth about every job. Statuses move by compare-and-set scripts, so exactly one terminal status is ever reached. */
import type { Redis } from 'ioredis';
import type { DeviceClass } from '../contract/device-class.ts';
import { type JobSpec, priorities } from '../contract/job-spec.ts';
import type { JobRecord } from '../contract/job-state.ts';
import { type JobStatus, jobStatuses, statusesBefore } from '../contract/job-status.ts';
import { uploadsOfJob } from '../contract/references.ts';
import { echoOfWebhook } from '../contract/webhook.ts';
import { AppError } from '../errors.ts';
import type { JobStore } from '../jobs/ports.ts';
import { type AdmissionOptions, assertAdmitted, idempotencyArguments, recall } from './admission.ts';
import { guarded } from './connection.ts';
import { createJobList } from './job-list.ts';
import type { JobQueue } from './job-queue.ts';
import type { Keys } from './keys.ts';
import { decodeRecord, encodeFields, hashOf, packJson, unpackJson } from './record.ts';
import {
  cancelScript,
  createRunScript,
  createScript,
  moveScript,
  pauseScript,
  positionScript,
  removeScript,
  requeueScript,
  resumeScript,
} from './scripts/index.ts';
import { createUploadUses } from './upload-uses.ts';

export interface JobStoreOptions extends AdmissionOptions {
  /** Also the bound on what a specification asks for. */
  readonly maxQueueSeconds: number;
  /** Then a paused job is expired. */
  readonly maxPausedSeconds: number;
  readonly eventsPerJob: number;
}

export interface RedisJobStore extends JobStore {
  /** Compare-and-set along contract/job-state.ts; null when the job is not in a status from which `to` can be reached. Appends a status event. */
  move(id: string, to: JobStatus, patch?: Partial<JobRecord>): Promise<JobRecord | null>;
  /** How many jobs of the owner are in each status; null: of everybody. */
  counts(owner: string | null): Promise<Record<JobStatus, number>>;
  /** Jobs whose time in the queue or in pause is over become expired. Returns their ids. */
  expireQueued(): Promise<string[]>;
  /** Ids of jobs that finished before and that nothing else keeps, oldest first. */
  finishedBefore(timeMs: number, limit: number): Promise<string[]>;
  /** Jobs that finished at that time or later, oldest first. */
  finishedFrom(timeMs: number, limit: number): Promise<{ id: string; finishedAtMs: number }[]>;
  ping(): Promise<void>;
}

/** What a job that is queued again forgets of its last execution. */
const forgotten = {
  error: null,
  finishedAt: null,
  startedAt: null,
  phase: null,
  metrics: null,
  device: null,
  failures: 0,
} as const satisfies Partial<JobRecord>;

const expiry = { code: 'JOB_EXPIRED', message: 'the job waited in the queue longer than its limit' };
const pauseExpiry = { code: 'JOB_EXPIRED', message: 'the job was paused for longer than MAX_PAUSED_SECONDS' };

export function createJobStore(redis: Redis, queue: JobQueue, keys: Keys, options: JobStoreOptions): RedisJobStore {
  const run = createRunScript(redis, keys.prefix, options.eventsPerJob);
  const deadline = (spec: JobSpec) =>
    Date.now() + Math.min(spec.limits?.maxQueueSeconds ?? options.maxQueueSeconds, options.maxQueueSeconds) * 1000;

  const get = (id: string) => guarded(async () => decodeRecord(await hashOf(redis, keys.job(id))));

  const spec = (id: string) =>
    guarded(async () => {
      const bytes = await redis.getBuffer(keys.spec(id));
      return bytes === null ? null : ((await unpackJson(bytes)) as JobSpec);
    });

  /** Once a job is stored it will run: when BullMQ cannot be reached now, the reconciler of any process hands it over. */
  const handOver = (id: string) => queue.flushJob(id).catch(() => {});

  /** The reply of a script that may have taken a job out of the queue. A worker that gets the ticket all the same finds nothing to run. */
  const moved = async (reply: unknown): Promise<JobRecord | null> => {
    if (reply === null) return null;
    const [hash, [ticket, name]] = reply as [string[], [string, DeviceClass] | []];
    if (ticket !== undefined && name !== undefined) await queue.withdraw(name, ticket).catch(() => {});
    return decodeRecord(hash);
  };

  /** The reply of a script that has queued a job again. Throws QUOTA_EXCEEDED. */
  const queuedAgain = async (id: string, reply: string[] | null): Promise<JobRecord | null> => {
    assertAdmitted('job', reply ?? [], options.maxQueuedJobsPerKey);
    const record = decodeRecord(reply);
    if (record !== null) await handOver(id);
    return record;
  };

  const moveFrom = async (id: string, from: readonly JobStatus[], to: JobStatus, patch: Partial<JobRecord>) => {
    const event = JSON.stringify({ status: to, ...(patch.error ? { error: patch.error } : {}) });
    return moved(await run(moveScript, id, to, `,${from.join(',')},`, event, ...encodeFields(patch)));
  };

  const uses = createUploadUses(redis, keys);

  const store = async (
    record: JobRecord,
    specification: JobSpec,
    idempotency: Parameters<JobStore['create']>[2],
  ): Promise<readonly string[]> => {
    await uses.add(uploadsOfJob(specification), record.id);
    // Workers and reports get the specification: a secret is not for them.
    const { webhook, ...rest } = specification;
    return (await run(
      createScript,
      record.id,
      await packJson(rest),
      ...idempotencyArguments(keys, 'job', record.owner, idempotency, options),
      record.owner,
      deadline(specification),
      options.maxQueuedJobsPerKey,
      record.comparison ?? '',
      specification.resources?.device ?? 'any',
      priorities.indexOf(specification.priority),
      ...encodeFields(record),
      ...(webhook === undefined ? [] : ['webhook', JSON.stringify({ ...webhook, ...echoOfWebhook(webhook) })]),
    )) as string[];
  };

  return {
    get,
    spec,
    list: createJobList(redis, keys),
    move: (id, to, patch = {}) => moveFrom(id, statusesBefore(to), to, patch),

    async create(record, specification, idempotency) {
      const reply = await store(record, specification, idempotency);
      assertAdmitted('job', reply, options.maxQueuedJobsPerKey);
      const [outcome, id = ''] = reply;
      if (outcome !== 'created') return { record: (await get(id)) ?? record, existing: true };
      await handOver(id);
      return { record, existing: false };
    },

    async replay(owner, idempotency) {
      const id = await recall(run, keys, 'job', owner, idempotency);
      return id === null ? null : get(id);
    },

    async createCell(record, specification) {
      const [outcome] = await store(record, specification, null);
      if (outcome === 'created') await handOver(record.id);
      return outcome !== 'closed';
    },

    async requeue(id) {
      const specification = await spec(id);
      if (specification === null) return null;
      await uses.add(uploadsOfJob(specification), id);
      const reply = await run(
        requeueScript,
        id,
        deadline(specification),
        options.maxQueuedJobsPerKey,
        ...encodeFields(forgotten),
      );
      return queuedAgain(id, reply as string[] | null);
    },

    position: async (id) => (await run(positionScript, id)) as number | null,
    cancel: async (id, { keepsPartial = false } = {}) => moved(await run(cancelScript, id, keepsPartial ? '1' : '0')),
    pause: async (id) => moved(await run(pauseScript, id, Date.now() + options.maxPausedSeconds * 1000)),

    async resume(id) {
      const specification = await spec(id);
      if (specification === null) return null;
      const reply = await run(resumeScript, id, deadline(specification), options.maxQueuedJobsPerKey);
      return queuedAgain(id, reply as string[] | null);
    },

    async remove(id) {
      const outcome = await run(removeScript, id);
      if (outcome === 'removed' || outcome === 'absent') return uses.forget(id);
      throw new AppError('JOB_STATE', `job ${id} is ${outcome}; cancel it before it is removed`);
    },

    counts: (owner) =>
      guarded(async () => {
        const entries = await Promise.all(
          jobStatuses.map(async (status) => [status, await redis.zcard(keys.index(status, owner))] as const),
        );
        return Object.fromEntries(entries) as Record<JobStatus, number>;
      }),

    async expireQueued() {
      const due = await guarded(() => redis.zrangebyscore(keys.deadlines, '-inf', Date.now(), 'LIMIT', 0, 1000));
      // Only from queued: a job that was taken up in the meantime has left the deadlines, and its run has a limit of its own.
      const expire = async (id: string) =>
        (await moveFrom(id, ['queued'], 'expired', { error: expiry })) ??
        (await moveFrom(id, ['paused'], 'expired', { error: pauseExpiry }));
      const expired = await Promise.all(due.map(expire));
      return due.filter((_, at) => expired[at] !== null);
    },

    finishedBefore: (timeMs, limit) =>
      guarded(() => redis.zrangebyscore(keys.retained, '-inf', timeMs, 'LIMIT', 0, limit)),

    finishedFrom: (timeMs, limit) =>
      guarded(async () => {
        const reply = await redis.zrangebyscore(keys.finished, timeMs, '+inf', 'WITHSCORES', 'LIMIT', 0, limit);
        return Array.from({ length: reply.length / 2 }, (_, at) => ({
          id: reply[2 * at] as string,
          finishedAtMs: Number(reply[2 * at + 1]),
        }));
      }),

    async ping() {
      await guarded(() => redis.ping());
    },
  };
}
