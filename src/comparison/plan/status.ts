/** The status of a comparison. The store decides the final one; before that, the status is derived from the cells. */
import { type JobStatus, openStatuses } from '../../contract/job-status.ts';

export const comparisonStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type ComparisonStatus = (typeof comparisonStatuses)[number];
/** 'succeeded' when every cell gave a result; 'cancelled' when at least one was cancelled; otherwise 'failed'. */
export type ComparisonEnd = Exclude<ComparisonStatus, 'queued' | 'running'>;

/** `unmade`: the job has not been created yet; `lost`: the job no longer exists. */
export type CellStatus = JobStatus | 'unmade' | 'lost';
export type CellCounts = Readonly<Partial<Record<CellStatus, number>>>;

/** Number of cells that have not finished. */
export const openCells = (counts: CellCounts): number =>
  [...openStatuses, 'unmade' as const].reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/** The status of a comparison that has not finished. */
export function statusOfCells(counts: CellCounts): ComparisonStatus {
  const waiting = (counts.queued ?? 0) + (counts.paused ?? 0) + (counts.unmade ?? 0);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return waiting === all ? 'queued' : 'running';
}

/** The counts that clients see: cells whose job has not been created yet count as queued. */
export function shownCounts({ unmade = 0, queued = 0, ...rest }: CellCounts): Record<string, number> {
  const counts = { queued: queued + unmade, ...rest };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
