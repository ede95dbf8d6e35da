/**
 * What a worker may do to a job's record while it runs it. Every write names the attempt's token: once another attempt has begun, the writes of this one
 * are refused, and the refusal is how it learns that it is over.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { JobSpec } from '../contract/job-spec.ts';
import { isTerminal, type JobRecord, type JobStatus, statusesBefore } from '../contract/job-state.ts';
import type { CheckpointPointer } from '../jobs/checkpoints/checkpoints.ts';
import { decodePointer, readPointers } from './checkpoint-pointers.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { decodeRecord, encodeFields, unpackJson } from './record.ts';
import { beginScript, checkpointScript, moveScript, releaseScript, reportScript, runScript } from './scripts.ts';

/** Null: another attempt owns the job. */
export type StatusSeen = JobStatus | null;

export interface Attempt {
  readonly record: JobRecord;
  readonly spec: JobSpec;
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
  /** False when the job is not there any more. */
  isRecorded(): Promise<boolean>;
  /** The one way to a terminal status. False when it is not ours to give any more. */
  finish(to: JobStatus, patch: Partial<JobRecord>): Promise<boolean>;
  /** Leaves the job for another attempt. `lost` counts against MAX_ATTEMPTS. */
  release(lost: boolean, reason: string): Promise<void>;
}

export interface AttemptOptions {
  readonly eventsPerJob: number;
  readonly maxAttempts: number;
}

export interface Attempts {
  /** Takes a job up. Null: there is nothing to run, because it is over, expired, cancelled, or ran out of attempts. */
  begin(jobId: string, execution: number, device: string): Promise<Attempt | null>;
}

export function createAttempts(redis: Redis, keys: Keys, options: AttemptOptions): Attempts {
  const run = (script: typeof beginScript, args: readonly (string | number | Buffer)[]) =>
    guarded(() => runScript(redis, script, keys.prefix, args));

  function createAttempt(
    id: string,
    token: string,
    record: JobRecord,
    spec: JobSpec,
    checkpoints: readonly CheckpointPointer[],
  ): Attempt {
    const report: Attempt['report'] = async (patch, event) => {
      const data = event === null ? '' : JSON.stringify(event.data);
      const head = [id, token, options.eventsPerJob, event?.type ?? '', new Date().toISOString(), data];
      return (await run(reportScript, [...head, ...encodeFields(patch)])) as StatusSeen;
    };
    return {
      record,
      spec,
      checkpoints,
      report,
      status: () => report({}, null),
      isRecorded: () => guarded(async () => (await redis.exists(keys.job(id))) === 1),
      async checkpoint(pointer) {
        const reply = (await run(checkpointScript, [id, token, JSON.stringify(pointer)])) as
          | [JobStatus, ...string[]]
          | null;
        if (reply === null) return { status: null, unused: [pointer.key] };
        const [status, ...dropped] = reply;
        return { status, unused: dropped.map(decodePointer).map(({ key }) => key) };
      },
      async finish(to, patch) {
        const at = new Date();
        const fields = { ...(isTerminal(to) ? { finishedAt: at.toISOString(), phase: null } : {}), ...patch };
        const event = JSON.stringify({ status: to, ...(patch.error ? { error: patch.error } : {}) });
        const from = `,${statusesBefore(to).join(',')},`;
        const head = [id, token, to, from, at.getTime(), options.eventsPerJob, at.toISOString(), event];
        return (await run(moveScript, [...head, ...encodeFields(fields)])) !== null;
      },
      async release(lost, reason) {
        await run(releaseScript, [id, token, lost ? '1' : '0', reason]);
      },
    };
  }

  return {
    async begin(jobId, execution, device) {
      const token = randomUUID();
      const at = new Date();
      const args = [
        jobId,
        execution,
        token,
        options.maxAttempts,
        at.getTime(),
        options.eventsPerJob,
        at.toISOString(),
        JSON.stringify(device),
      ];
      const [verdict, hash] = (await run(beginScript, args)) as [string, string[] | undefined];
      const record = decodeRecord(hash ?? null);
      if (verdict !== 'run' || record === null) return null;
      const bytes = await guarded(() => redis.getBuffer(keys.spec(jobId)));
      if (bytes === null) return null;
      return createAttempt(
        jobId,
        token,
        record,
        (await unpackJson(bytes)) as JobSpec,
        await readPointers(redis, keys, jobId),
      );
    },
  };
}
