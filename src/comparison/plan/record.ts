/** A comparison of the service: what is stored, and what storing it takes. The jobs of its cells are ordinary jobs. */
import type { ComparisonSpec } from '../../contract/comparison-spec.ts';
import { newJobId } from '../../contract/job-id.ts';
import type { Created, Idempotency } from '../../jobs/ports.ts';
import type { ComparisonPlan, InapplicableRow } from './cells.ts';
import type { CellCounts, ComparisonEnd } from './status.ts';

/** What never changes. */
export interface ComparisonRecord {
  readonly id: string;
  /** Name of the API key that owns it; '' without keys. */
  readonly owner: string;
  readonly createdAt: string;
  readonly spec: ComparisonSpec;
  readonly inapplicable: readonly InapplicableRow[];
  readonly samples: ComparisonPlan['samples'];
  /** Ids of the jobs by the ids of the cells. */
  readonly jobs: Readonly<Record<string, string>>;
}

export interface StoredComparison {
  readonly record: ComparisonRecord;
  /** Set with the end of the last cell; it stays when the jobs go. Null: not over. */
  readonly end: { readonly status: ComparisonEnd; readonly finishedAt: string } | null;
  readonly counts: CellCounts;
}

/** Durable records of comparisons. Every method rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface ComparisonStore {
  /**
   * Stores the record as one whose jobs are still to be made, so that a crash in the middle of that loses nothing. Every cell counts as a waiting job from
   * then on. A replay comes before the quota, and both are decided in the step that stores.
   *
   * @throws IDEMPOTENCY_CONFLICT when the key was used with another body; QUOTA_EXCEEDED when too many jobs of the owner would wait
   */
  create(record: ComparisonRecord, idempotency: Idempotency | null): Promise<Created<StoredComparison>>;
  /** The comparison that was made under the key; null: none. Throws IDEMPOTENCY_CONFLICT. */
  replay(owner: string, idempotency: Idempotency | null): Promise<StoredComparison | null>;
  get(id: string): Promise<StoredComparison | null>;
  /** True once it is over, null when there is none. */
  isOver(id: string): Promise<boolean | null>;
  /** Newest first; `owner` null: of everybody. */
  list(owner: string | null, limit: number, after?: string): Promise<{ found: StoredComparison[]; hasMore: boolean }>;
  /** No more jobs are made: cells without one are counted as `rest`. */
  close(record: Pick<ComparisonRecord, 'id' | 'owner'>, rest: 'cancelled' | 'lost'): Promise<void>;
  /** Ids of comparisons that have not been closed since before. */
  unsettled(beforeMs: number): Promise<string[]>;
  /** Ids of comparisons that ended before, oldest first. */
  finishedBefore(timeMs: number, limit: number): Promise<string[]>;
  /** Returns how many cells are not over; the record is gone when that is 0. */
  remove(record: Pick<ComparisonRecord, 'id' | 'owner'>): Promise<number>;
}

const prefix = 'cmp_';

export const comparisonIdPattern = '^cmp_[0-9a-hjkmnp-tv-z]{25}$';
const pattern = new RegExp(comparisonIdPattern);

/** Sorts by time, as the ids of jobs do. */
export const newComparisonId = (): string => prefix + newJobId().slice('job_'.length);

export const isComparisonId = (text: string): boolean => pattern.test(text);
