/** A comparison as the service stores it, and the interface of its store. The jobs of the cells are ordinary jobs. */
import type { ComparisonSpec } from '../../contract/comparison-spec.ts';
import { newJobId } from '../../contract/job-id.ts';
import type { Created, Idempotency } from '../../jobs/ports.ts';
import type { ComparisonPlan, InapplicableRow } from './cells.ts';
import type { CellCounts, ComparisonEnd } from './status.ts';

/** The part of a stored comparison that never changes. */
export interface ComparisonRecord {
  readonly id: string;
  /** Name of the API key that owns it; '' without keys. */
  readonly owner: string;
  readonly createdAt: string;
  readonly spec: ComparisonSpec;
  readonly inapplicable: readonly InapplicableRow[];
  readonly samples: ComparisonPlan['samples'];
  /** Ids of the jobs, by ids of the cells. */
  readonly jobs: Readonly<Record<string, string>>;
}

export interface StoredComparison {
  readonly record: ComparisonRecord;
  /** Set when the last cell finishes, and kept when the jobs are removed. Null while the comparison has not finished. */
  readonly end: { readonly status: ComparisonEnd; readonly finishedAt: string } | null;
  readonly counts: CellCounts;
}

/** Durable records of comparisons. Every method rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface ComparisonStore {
  /**
   * Stores the record before its jobs are made, so that another process can make them after a crash. From then on every cell counts as a waiting job.
   * In one atomic step, a replay is recognised first, and the quota is checked second.
   *
   * @throws IDEMPOTENCY_CONFLICT when the key was used with another body; QUOTA_EXCEEDED when too many jobs of the owner would wait
   */
  create(record: ComparisonRecord, idempotency: Idempotency | null): Promise<Created<StoredComparison>>;
  /** The comparison that was created with this key; null where there is none. Throws IDEMPOTENCY_CONFLICT. */
  replay(owner: string, idempotency: Idempotency | null): Promise<StoredComparison | null>;
  get(id: string): Promise<StoredComparison | null>;
  /** True when it has finished, null when it does not exist. */
  isOver(id: string): Promise<boolean | null>;
  /** Newest first; with `owner` null, those of every owner. */
  list(owner: string | null, limit: number, after?: string): Promise<{ found: StoredComparison[]; hasMore: boolean }>;
  /** Ends the creation of jobs: cells without a job are counted as `rest`. */
  close(record: Pick<ComparisonRecord, 'id' | 'owner'>, rest: 'cancelled' | 'lost'): Promise<void>;
  /** Ids of comparisons that were stored before `beforeMs` and are not closed. */
  unsettled(beforeMs: number): Promise<string[]>;
  /** Ids of comparisons that finished before `timeMs`, oldest first. */
  finishedBefore(timeMs: number, limit: number): Promise<string[]>;
  /** Returns how many cells have not finished; the record is removed only when there are none. */
  remove(record: Pick<ComparisonRecord, 'id' | 'owner'>): Promise<number>;
}

const prefix = 'cmp_';

export const comparisonIdPattern = '^cmp_[0-9a-hjkmnp-tv-z]{25}$';
const pattern = new RegExp(comparisonIdPattern);

/** A new id. Ids sort by the time of creation, like those of jobs. */
export const newComparisonId = (): string => prefix + newJobId().slice('job_'.length);

export const isComparisonId = (text: string): boolean => pattern.test(text);
