/** What a client does with jobs that are there. Jobs of others do not exist. */
import { parseCancellation } from '../contract/cancellation.ts';
import { isJobId } from '../contract/job-id.ts';
import type { JobEvent, JobRecord } from '../contract/job-state.ts';
import { isTerminal, terminalStatuses } from '../contract/job-status.ts';
import { AppError } from '../errors.ts';
import { timeoutSignal } from '../time-limit.ts';
import type { ArtifactStore, JobEvents, JobStore } from './ports.ts';

export interface ManageDependencies {
  readonly jobs: JobStore;
  readonly events: JobEvents;
  readonly artifacts: ArtifactStore;
}

/** `owner` null: jobs of every owner. All methods throw JOB_NOT_FOUND and QUEUE_UNAVAILABLE. */
export interface ManageJobs {
  get(id: string, owner: string | null): Promise<JobRecord>;
  /** The job as soon as it is over, or as it is after `seconds` (above 0) or when the signal aborts. */
  wait(id: string, owner: string | null, seconds: number, signal: AbortSignal): Promise<JobRecord>;
  /** `input`: the body of the request. Throws JOB_STATE when the job is over, INVALID_INPUT. */
  cancel(id: string, owner: string | null, input?: unknown): Promise<JobRecord>;
  /** Throws JOB_STATE when the job is over or being cancelled. */
  pause(id: string, owner: string | null): Promise<JobRecord>;
  /** Throws JOB_STATE unless the job is paused or being paused. */
  resume(id: string, owner: string | null): Promise<JobRecord>;
  /** Throws JOB_STATE unless the job failed, was cancelled or expired. */
  retry(id: string, owner: string | null): Promise<JobRecord>;
  /** Throws JOB_STATE unless the job is over. */
  remove(id: string, owner: string | null): Promise<void>;
}

export function createManageJobs({ jobs, events, artifacts }: ManageDependencies): ManageJobs {
  const get: ManageJobs['get'] = async (id, owner) => {
    const record = isJobId(id) ? await jobs.get(id) : null;
    if (record === null || (owner !== null && record.owner !== owner))
      throw new AppError('JOB_NOT_FOUND', `there is no job ${JSON.stringify(id.slice(0, 100))}`);
    return record;
  };

  return {
    get,

    async wait(id, owner, seconds, signal) {
      await get(id, owner);
      const newest = await events.lastId(id);
      // The record is read after the id of the newest event: a job that ends in between has its end in the record, one that ends later has an event behind that id.
      const found = await get(id, owner);
      if (isTerminal(found.status)) return found;
      const over = new AbortController();
      const stop = AbortSignal.any([signal, over.signal, timeoutSignal(Math.ceil(seconds * 1000))]);
      const check = async () => {
        const record = await jobs.get(id).catch(() => null);
        if (record !== null && isTerminal(record.status)) over.abort();
      };
      // After an end may come a retry: the record decides.
      await events.follow(id, newest, (event) => void (isEnd(event) && check()), stop);
      return get(id, owner);
    },

    async cancel(id, owner, input) {
      const { artifacts: wanted } = parseCancellation(input);
      const before = await get(id, owner);
      // Asked twice, it is still being cancelled.
      if (before.status === 'cancelling') return before;
      const record = isTerminal(before.status) ? before : await jobs.cancel(id, { keepsPartial: wanted === 'partial' });
      if (record === null || (isTerminal(record.status) && record.status !== 'cancelled') || isTerminal(before.status))
        throw new AppError(
          'JOB_STATE',
          `job ${id} is ${(record ?? before).status}; only a job that is not over can be cancelled`,
        );
      return record;
    },

    async pause(id, owner) {
      const before = await get(id, owner);
      const record = await jobs.pause(id);
      if (record !== null) return record;
      const message = `job ${id} is ${before.status}; only a job that waits or runs can be paused`;
      throw new AppError('JOB_STATE', message);
    },

    async resume(id, owner) {
      const before = await get(id, owner);
      const record = await jobs.resume(id);
      if (record !== null) return record;
      throw new AppError('JOB_STATE', `job ${id} is ${before.status}; only a paused job can be resumed`);
    },

    async retry(id, owner) {
      const before = await get(id, owner);
      // The artifact of a cancelled run would be in the place of that of the next one.
      if (before.status === 'cancelled') await artifacts.remove(id);
      const record = await jobs.requeue(id);
      if (record === null)
        throw new AppError(
          'JOB_STATE',
          `job ${id} is ${before.status}; only a failed, cancelled or expired job can be retried`,
        );
      return record;
    },

    async remove(id, owner) {
      const record = await get(id, owner);
      if (!isTerminal(record.status))
        throw new AppError('JOB_STATE', `job ${id} is ${record.status}; cancel it before it is deleted`);
      // The record last: while it is there, a deletion that was interrupted can be asked for again.
      await artifacts.remove(id);
      await jobs.remove(id);
    },
  };
}

/** True for the event with which a job is over, for now: it may be retried. */
export const isEnd = ({ type, data }: JobEvent): boolean =>
  type === 'status' && terminalStatuses.some((status) => status === data.status);
