/** What the use cases need from the outside. src/queue and src/storage implement it; tests of the use cases run against the real implementations. */
import type { Readable } from 'node:stream';
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobEvent, JobRecord } from '../contract/job-state.ts';
import type { JobStatus } from '../contract/job-status.ts';

export interface Idempotency {
  readonly key: string;
  /** Of the specification with its defaults: contract/body-hash.ts. */
  readonly bodyHash: string;
}

export interface Created<Record> {
  readonly record: Record;
  /** True when the key, or the id, was there before: the record is the earlier one, and nothing was stored. */
  readonly existing: boolean;
}

export interface JobFilter {
  /** Null: of everybody. */
  readonly owner: string | null;
  /** Any of these; default: all. */
  readonly statuses?: readonly JobStatus[];
  readonly method?: string;
  readonly comparison?: string;
  /** All of these. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Created at this time or later, milliseconds. */
  readonly createdFromMs?: number;
  /** Created before this time. */
  readonly createdBeforeMs?: number;
  /** The id that the page begins behind, even when its job is gone. */
  readonly after?: string;
  readonly limit: number;
}

export interface JobPage {
  readonly records: JobRecord[];
  /** The id after which the next page begins, whether or not it is in this page; null: there are no more. */
  readonly next: string | null;
}

/** Durable records of jobs. Every method rejects with AppError QUEUE_UNAVAILABLE (not permanent) while Redis is away. */
export interface JobStore {
  /**
   * Stores the record and the specification and puts the job in the queue, so that a crash at any point either loses nothing or nothing was answered.
   * A replay comes before the quota, and both are decided in the step that stores.
   *
   * @throws IDEMPOTENCY_CONFLICT when the key was used with another body; QUOTA_EXCEEDED when too many jobs of the owner wait
   */
  create(record: JobRecord, spec: JobSpec, idempotency: Idempotency | null): Promise<Created<JobRecord>>;
  /** The job that was made under the key; null: none. Throws IDEMPOTENCY_CONFLICT. */
  replay(owner: string, idempotency: Idempotency | null): Promise<JobRecord | null>;
  /**
   * Stores a job that is a cell of `record.comparison`, whose quota it has had since the comparison was stored.
   * False: the comparison takes no cells any more. An id that is there already is left as it is.
   */
  createCell(record: JobRecord, spec: JobSpec): Promise<boolean>;
  get(id: string): Promise<JobRecord | null>;
  spec(id: string): Promise<JobSpec | null>;
  /** Newest first. */
  list(filter: JobFilter): Promise<JobPage>;
  /**
   * A new execution of a job that failed, was cancelled or expired: back to queued, attempt kept, error cleared, failures forgotten. Null: its status forbids it.
   *
   * @throws QUOTA_EXCEEDED
   */
  requeue(id: string): Promise<JobRecord | null>;
  /** Place in the queue, 1 for the next; null when it is not waiting. */
  position(id: string): Promise<number | null>;
  /** Asks the worker that runs it to stop, and to publish what there is if wanted; a job that no worker runs is cancelled at once. Null: it is over, or not there. */
  cancel(id: string, options?: { readonly keepsPartial?: boolean }): Promise<JobRecord | null>;
  /** Asks the worker that runs it to stop and to leave a checkpoint; a job that no worker runs is paused at once. Null: it is over, being cancelled, or not there. */
  pause(id: string): Promise<JobRecord | null>;
  /**
   * Queues a paused job again; it goes on from its checkpoint. Null: it is neither paused nor being paused.
   *
   * @throws QUOTA_EXCEEDED
   */
  resume(id: string): Promise<JobRecord | null>;
  remove(id: string): Promise<void>;
}

/** Per-job event streams, trimmed. */
export interface JobEvents {
  append(id: string, event: Omit<JobEvent, 'id' | 'at'>): Promise<void>;
  /** Events after `after` ('' for all that are kept). */
  read(id: string, after: string, limit: number): Promise<JobEvent[]>;
  /** The same without progress, which therefore reaches further back. */
  readLog(id: string, after: string, limit: number): Promise<JobEvent[]>;
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

/** Browsers that signed in, for as long as they stay so. Rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface Sessions {
  /** A new session for the key with that SHA-256 (hex): its id, a secret. */
  open(keyHash: string, ttlSeconds: number): Promise<string>;
  /** The hash of the key; null when the session is over. */
  find(id: string): Promise<string | null>;
  close(id: string): Promise<void>;
}

/** Keeps processes from removing contents that others are about to refer to. Rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface ContentHolds {
  /** Nobody removes the contents for this time. Waits while one of them is being removed. */
  hold(digests: readonly string[], forMs: number): Promise<void>;
  /** True when the caller may remove the content: no process holds it or removes it, and none can hold it until it is released. */
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
