/** A comparison of the service: what is stored, and what storing it takes. The jobs of its cells are ordinary jobs. */
import type { ComparisonSpec } from '../../contract/comparison-spec.ts';
import { newJobId } from '../../contract/job-id.ts';
import type { ComparisonPlan, InapplicableRow } from './plan.ts';

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

/** Durable records of comparisons. Every method rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface ComparisonStore {
  /**
   * Stores the record as one whose jobs are still to be made, so that a crash in the middle of that loses nothing.
   * With a key that was used before: `existing` is that comparison and nothing is stored; with another body, throws IDEMPOTENCY_CONFLICT.
   */
  create(
    record: ComparisonRecord,
    idempotency: { readonly key: string; readonly bodyHash: string } | null,
  ): Promise<{ record: ComparisonRecord; existing: boolean }>;
  get(id: string): Promise<ComparisonRecord | null>;
  /** Newest first; `owner` null: of everybody. */
  list(owner: string | null, limit: number, after?: string): Promise<{ records: ComparisonRecord[]; hasMore: boolean }>;
  /** Every job has been made, or none will be any more. */
  settle(id: string): Promise<void>;
  /** True from create until settle. */
  isUnsettled(id: string): Promise<boolean>;
  /** Ids of comparisons that have been unsettled since before. */
  unsettled(beforeMs: number): Promise<string[]>;
  remove(record: Pick<ComparisonRecord, 'id' | 'owner'>): Promise<void>;
}

const prefix = 'cmp_';

export const comparisonIdPattern = '^cmp_[0-9a-hjkmnp-tv-z]{25}$';
const pattern = new RegExp(comparisonIdPattern);

/** Sorts by time, as the ids of jobs do. */
export const newComparisonId = (): string => prefix + newJobId().slice('job_'.length);

export const isComparisonId = (text: string): boolean => pattern.test(text);
