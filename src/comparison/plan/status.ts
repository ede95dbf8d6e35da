/** The state of a comparison follows from the states of its jobs. */
import { isTerminal, type JobStatus } from '../../contract/job-state.ts';

export type ComparisonStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** `lost`: the job is gone. */
export type CellStatus = JobStatus | 'lost';

const isOver = (status: CellStatus) => status === 'lost' || isTerminal(status);

/** 'succeeded' when every cell gave a result; 'failed' when all are over and some did not; 'cancelled' when some were cancelled. */
export function comparisonStatus(cells: readonly CellStatus[]): ComparisonStatus {
  const has = (...statuses: CellStatus[]) => cells.some((status) => statuses.includes(status));
  if (has('running', 'cancelling') || (has('queued') && cells.some(isOver))) return 'running';
  if (has('queued')) return 'queued';
  if (has('cancelled')) return 'cancelled';
  return cells.every((status) => status === 'succeeded') ? 'succeeded' : 'failed';
}

export function countStatuses(cells: readonly CellStatus[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of cells) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
