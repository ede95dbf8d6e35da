/** Accepts a job: checks everything that can be checked before it runs, then stores and queues it in one step. */
import { bodyHash } from '../contract/body-hash.ts';
import { echoOf } from '../contract/job-echo.ts';
import { jobIdTimeMs, newJobId } from '../contract/job-id.ts';
import { type JobSpec, parseJobSpec } from '../contract/job-spec.ts';
import type { JobRecord } from '../contract/job-state.ts';
import { assertSound } from './check/problems.ts';
import type { Examination, Examine } from './examine/examine.ts';
import type { JobStore } from './ports.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface SubmitDependencies {
  readonly jobs: Pick<JobStore, 'create' | 'replay'>;
  readonly examine: Examine;
  readonly webhooks: Pick<Webhooks, 'problems'>;
}

export interface Submission {
  /** What the client sent, parsed JSON. */
  readonly input: unknown;
  /** Who it will belong to. */
  readonly owner: string;
  /** The owner whose uploads it may use; null: those of every owner. */
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
export function createSubmit({ jobs, examine, webhooks }: SubmitDependencies): Submit {
  return async ({ input, owner, visibleOwner, idempotencyKey }) => {
    const spec = parseJobSpec(input);
    const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: bodyHash(spec) };
    // What was accepted once is answered again, even when its data is gone by now.
    const earlier = await jobs.replay(owner, idempotency);
    if (earlier !== null) return { record: earlier, isReplay: true };
    const examination = await examine(spec, visibleOwner);
    const hooks = spec.webhook ? await webhooks.problems(spec.webhook, owner, '/webhook') : [];
    assertSound([...examination.problems, ...hooks]);
    const made = newRecord(newJobId(), spec, examination, owner);
    const { record, existing } = await jobs.create(made, spec, idempotency);
    return { record, isReplay: existing };
  };
}

/** The record of a job that was just accepted. */
export function newRecord(
  id: string,
  spec: JobSpec,
  { method }: Pick<Examination, 'method'>,
  owner: string,
  comparison: string | null = null,
): JobRecord {
  const { iterations } = method.options;
  return {
    id,
    status: 'queued',
    phase: null,
    attempt: 0,
    failures: 0,
    nextAttemptAt: null,
    owner,
    method: spec.method.name,
    comparison,
    specification: echoOf(spec),
    createdAt: new Date(jobIdTimeMs(id)).toISOString(),
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
