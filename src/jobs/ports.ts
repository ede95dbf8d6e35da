/** What the use cases need from the outside. src/queue and src/storage implement it; tests of the use cases run against the real implementations. */
import type { Readable } from 'node:stream';
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobEvent, JobRecord, JobStatus } from '../contract/job-state.ts';

/** Durable records of jobs. Every method rejects with AppError QUEUE_UNAVAILABLE (not permanent) while Redis is away. */
export interface JobStore {
  /**
   * Stores the record and the specification and puts the job in the queue, so that a crash at any point either loses nothing or nothing was answered.
   * With an id that is there, or a key that was used before: `existing` is that job and nothing is stored; with another body, throws IDEMPOTENCY_CONFLICT.
   */
  create(
    record: JobRecord,
    spec: JobSpec,
    idempotency: { key: string; bodyHash: string } | null,
  ): Promise<{ record: JobRecord; existing: boolean }>;
  get(id: string): Promise<JobRecord | null>;
  spec(id: string): Promise<JobSpec | null>;
  list(filter: {
    owner: string | null;
    status?: JobStatus;
    after?: string;
    limit: number;
  }): Promise<{ records: JobRecord[]; hasMore: boolean }>;
  /** Compare-and-set along contract/job-state.ts; null when the job is not in a status from which `to` can be reached. Appends a status event. */
  move(id: string, to: JobStatus, patch?: Partial<JobRecord>): Promise<JobRecord | null>;
  /** A new execution of a failed or cancelled job: back to queued, attempt kept, error cleared. */
  requeue(id: string): Promise<JobRecord | null>;
  /** Place in the queue, 1 for the next; null when it is not waiting. */
  position(id: string): Promise<number | null>;
  /** Asks whoever runs it to stop; takes a queued job out of the queue. */
  cancel(id: string): Promise<JobRecord | null>;
  remove(id: string): Promise<void>;
  countQueued(owner: string): Promise<number>;
}

/** Per-job event streams, trimmed. */
export interface JobEvents {
  append(id: string, event: Omit<JobEvent, 'id' | 'at'>): Promise<void>;
  /** Events after `after` ('' for all that are kept). */
  read(id: string, after: string, limit: number): Promise<JobEvent[]>;
  /** Id of the newest event: what follows it is new. */
  lastId(id: string): Promise<string>;
  /**
   * Calls back for each event after `after` ('' for all that are kept; an id beyond the newest counts as the newest) until the signal aborts. One Redis
   * connection serves all followers of the process. Rejects with JOB_NOT_FOUND when the job is removed meanwhile.
   */
  follow(id: string, after: string, onEvent: (event: JobEvent) => void, signal: AbortSignal): Promise<void>;
}

/** Which jobs need which uploads. Rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface UploadUses {
  /** A job or a comparison that is not over and needs the upload, its owner where that is known; null when there is none. */
  find(uploadId: string): Promise<{ readonly id: string; readonly owner: string | null } | null>;
}

/** Keeps processes from removing contents that others are about to refer to. Rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface ContentHolds {
  /** Nobody removes the contents for this time. Waits while one of them is being removed. */
  hold(digests: readonly string[], forMs: number): Promise<void>;
  /** True when the caller may remove the content: nobody holds it or removes it, and nobody can hold it until it is released. */
  claim(digest: string): Promise<boolean>;
  release(digest: string): Promise<void>;
}

export interface StoredFile {
  /** Path inside the job, '/'-separated, e.g. `tfjs/model.json`. */
  readonly name: string;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Published artifacts of jobs. */
export interface ArtifactStore {
  list(jobId: string): Promise<StoredFile[] | null>;
  open(jobId: string, name: string, range?: { start: number; end: number }): Promise<Readable>;
  remove(jobId: string): Promise<void>;
}
