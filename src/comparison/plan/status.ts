/** How far a comparison is. The store gives it its end; before that, its status follows from its cells. */
import { type JobStatus, openStatuses } from '../../contract/job-status.ts';

export const comparisonStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type ComparisonStatus = (typeof comparisonStatuses)[number];
/** 'succeeded' when every cell gave a result; 'cancelled' when some were cancelled; else 'failed'. */
export type ComparisonEnd = Exclude<ComparisonStatus, 'queued' | 'running'>;

/** `unmade`: the job is still to be made; `lost`: the job is gone. */
export type CellStatus = JobStatus | 'unmade' | 'lost';
export type CellCounts = Readonly<Partial<Record<CellStatus, number>>>;

/** Cells that are not over. */
export const openCells = (counts: CellCounts): number =>
  [...openStatuses, 'unmade' as const].reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/** Of a comparison that is not over. */
export function statusOfCells(counts: CellCounts): ComparisonStatus {
  const waiting = (counts.queued ?? 0) + (counts.paused ?? 0) + (counts.unmade ?? 0);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return waiting === all ? 'queued' : 'running';
}

/** As clients see them: cells whose job is still to be made wait, too. */
export function shownCounts({ unmade = 0, queued = 0, ...rest }: CellCounts): Record<string, number> {
  const counts = { queued: queued + unmade, ...rest };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
