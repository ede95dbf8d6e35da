/** Takes a job in: checks all that can be checked, stores it and puts it in the queue as one step. */
import { bodyHash } from '../contract/body-hash.ts';
import { newJobId } from '../contract/job-id.ts';
import { type JobSpec, parseJobSpec } from '../contract/job-spec.ts';
import type { JobRecord } from '../contract/job-state.ts';
import { AppError } from '../errors.ts';
import { assertSound } from './check/problems.ts';
import type { Examination, Examine } from './examine/examine.ts';
import type { JobStore } from './ports.ts';

export interface SubmitDependencies {
  readonly jobs: Pick<JobStore, 'create' | 'countQueued'>;
  readonly examine: Examine;
  readonly maxQueuedJobsPerKey: number;
}

export interface Submission {
  /** What the client sent, parsed JSON. */
  readonly input: unknown;
  /** Who it will belong to. */
  readonly owner: string;
  /** Whose uploads it may use; null: anybody's. */
  readonly visibleOwner: string | null;
  readonly idempotencyKey: string | null;
}

export interface Submitted {
  readonly record: JobRecord;
  /** True when the Idempotency-Key had been used with the same body: the record is that job's. */
  readonly isReplay: boolean;
}

export type Submit = (submission: Submission) => Promise<Submitted>;

/** @throws the code of the first problem with every problem's pointer; QUOTA_EXCEEDED, IDEMPOTENCY_CONFLICT, QUEUE_UNAVAILABLE */
export function createSubmit({ jobs, examine, maxQueuedJobsPerKey }: SubmitDependencies): Submit {
  return async ({ input, owner, visibleOwner, idempotencyKey }) => {
    const spec = parseJobSpec(input);
    const [queued, examination] = await Promise.all([jobs.countQueued(owner), examine(spec, visibleOwner)]);
    assertSound(examination.problems);
    if (queued >= maxQueuedJobsPerKey)
      throw new AppError('QUOTA_EXCEEDED', `${queued} jobs wait in the queue; ${maxQueuedJobsPerKey} may`, {
        permanent: false,
      });
    const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: bodyHash(spec) };
    const { record, existing } = await jobs.create(newRecord(spec, examination, owner), spec, idempotency);
    return { record, isReplay: existing };
  };
}

/** A job that was just taken in. */
export function newRecord(spec: JobSpec, { method }: Pick<Examination, 'method'>, owner: string): JobRecord {
  const { iterations } = method.options;
  return {
    id: newJobId(),
    status: 'queued',
    phase: null,
    attempt: 0,
    owner,
    method: spec.method.name,
    createdAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
    progress: {
      iteration: 0,
      iterations: method.method.iterative && typeof iterations === 'number' ? iterations : null,
      etaSeconds: null,
    },
    metrics: null,
    error: null,
    device: null,
    metadata: spec.metadata ?? {},
  };
}
