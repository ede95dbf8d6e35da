/**
 * What a worker may do to a job's record while it runs it. Every write names the attempt's token: once another attempt has begun, the writes of this one
 * are refused, and the refusal is how it learns that it is over.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobRecord } from '../contract/job-state.ts';
import { type JobStatus, statusesBefore } from '../contract/job-status.ts';
import { type RetryPolicy, retryDelayMs, retryPolicyOf } from '../contract/retry-policy.ts';
import type { CheckpointPointer } from '../jobs/checkpoints/checkpoints.ts';
import type { Measurement } from '../jobs/estimate/measure.ts';
import { decodePointer, readPointers } from './checkpoint-pointers.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { recordMeasurement } from './measurements.ts';
import { decodeRecord, encodeFields, unpackJson } from './record.ts';
import {
  beginScript,
  checkpointScript,
  createRunScript,
  finishScript,
  releaseScript,
  reportScript,
  takeScript,
} from './scripts/index.ts';

/** Null: another attempt owns the job. */
export type StatusSeen = JobStatus | null;

export interface Attempt {
  readonly record: JobRecord;
  readonly spec: JobSpec;
  readonly policy: RetryPolicy;
  /** For how long it was paused since its first start. */
  readonly heldMs: number;
  /** Checkpoints of earlier attempts, newest first. */
  readonly checkpoints: readonly CheckpointPointer[];
  /** Changes the record and appends an event, if one is given. */
  report(
    patch: Partial<JobRecord>,
    event: { type: 'status' | 'progress' | 'log'; data: object } | null,
  ): Promise<StatusSeen>;
  /** Makes a checkpoint count. `unused` are the keys of those that do not count any more; of this one when the attempt is over. */
  checkpoint(pointer: CheckpointPointer): Promise<{ status: StatusSeen; unused: readonly string[] }>;
  /** The status as it is now, null when this attempt is over. */
  status(): Promise<StatusSeen>;
  /** True when a cancellation asked for an artifact of what there is. */
  keepsPartial(): Promise<boolean>;
  /** Remembers what the run took. */
  measured(key: string, measurement: Measurement): Promise<void>;
  /** False when the job is not there any more. */
  isRecorded(): Promise<boolean>;
  /** The one way to a terminal status. False when this attempt no longer owns the job. */
  finish(to: JobStatus, patch: Partial<JobRecord>): Promise<boolean>;
  /**
   * Leaves the job for another attempt. One that failed counts against `policy.maxAttempts` and is followed after the policy's delay, any other at once.
   * Returns the milliseconds until the next attempt may begin; null when there is none, because this attempt did not own the job, or it is cancelled or paused now.
   */
  release(failed: boolean, reason: string): Promise<number | null>;
  /** True when one more failure ends the job. */
  readonly isLast: boolean;
}

export interface AttemptOptions {
  readonly eventsPerJob: number;
  readonly retryPolicy: RetryPolicy;
}

export interface Attempts {
  /** Takes up the job that a ticket is for. Null: there is nothing to run, because it is over, expired, cancelled, or has no attempt left. */
  begin(ticket: string, device: string): Promise<Attempt | null>;
}

export function createAttempts(redis: Redis, keys: Keys, options: AttemptOptions): Attempts {
  const run = createRunScript(redis, keys.prefix, options.eventsPerJob);

  function createAttempt(
    token: string,
    record: JobRecord,
    spec: JobSpec,
    policy: RetryPolicy,
    checkpoints: readonly CheckpointPointer[],
    heldMs: number,
  ): Attempt {
    const { id } = record;
    const failures = record.failures + 1;
    let reports = 0;
    const report: Attempt['report'] = async (patch, event) => {
      const data = event === null ? '' : JSON.stringify(event.data);
      reports += 1;
      const head = [id, token, `${token}.${reports}`, event?.type ?? '', data];
      return (await run(reportScript, ...head, ...encodeFields(patch))) as StatusSeen;
    };
    return {
      record,
      spec,
      policy,
      heldMs,
      isLast: failures >= policy.maxAttempts,
      checkpoints,
      report,
      status: () => report({}, null),
      keepsPartial: () => guarded(async () => (await redis.hget(keys.job(id), 'partial')) === '1'),
      measured: (key, measurement) =>
        recordMeasurement(redis, keys, key, { ...measurement, device: record.device ?? 'unknown' }),
      isRecorded: () => guarded(async () => (await redis.exists(keys.job(id))) === 1),
      async checkpoint(pointer) {
        const reply = (await run(checkpointScript, id, token, JSON.stringify(pointer))) as
          | [JobStatus, ...string[]]
          | null;
        if (reply === null) return { status: null, unused: [pointer.key] };
        const [status, ...dropped] = reply;
        return { status, unused: dropped.map(decodePointer).map(({ key }) => key) };
      },
      async finish(to, patch) {
        const event = JSON.stringify({ status: to, ...(patch.error ? { error: patch.error } : {}) });
        const from = `,${statusesBefore(to).join(',')},`;
        return (await run(finishScript, id, token, to, from, event, ...encodeFields(patch))) !== null;
      },
      async release(failed, reason) {
        const delayMs = failed ? retryDelayMs(policy, failures) : 0;
        const nextAttemptAt = JSON.stringify(new Date(Date.now() + delayMs).toISOString());
        const outcome = await run(releaseScript, id, token, failed ? '1' : '0', reason, nextAttemptAt);
        return outcome === 'waiting' ? delayMs : null;
      },
    };
  }

  return {
    async begin(ticket, device) {
      const jobId = (await run(takeScript, ticket)) as string | null;
      const bytes = jobId === null ? null : await guarded(() => redis.getBuffer(keys.spec(jobId)));
      if (bytes === null) return null;
      const spec = (await unpackJson(bytes)) as JobSpec;
      const policy = retryPolicyOf(options.retryPolicy, spec.retry);
      const token = randomUUID();
      const reply = await run(beginScript, ticket, token, policy.maxAttempts, JSON.stringify(device));
      const record = decodeRecord(reply as string[] | null);
      if (record === null) return null;
      const heldMs = Number((await guarded(() => redis.hget(keys.job(record.id), 'heldMs'))) ?? 0);
      return createAttempt(token, record, spec, policy, await readPointers(redis, keys, record.id), heldMs);
    },
  };
}
