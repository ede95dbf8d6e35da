/** How far the jobs of a comparison's cells are, and what the finished ones found. */
import { LRUCache } from 'lru-cache';
import type { ArtifactStore, JobStore } from '../../jobs/ports.ts';
import type { CellResult, CellState } from './cell.ts';
import { resultOfReport } from './cell-result.ts';

/** Results of finished jobs that are kept in memory: a report is read again and again while the rest runs. */
const keptResults = 5000;

export interface CellStatesDependencies {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'open'>;
}

/** Gives the state of the cell whose job has that id; `missing` where there is no such job. */
export function createCellStates({ jobs, artifacts }: CellStatesDependencies) {
  const results = new LRUCache<string, CellResult>({ max: keptResults });

  async function resultOf(job: string): Promise<CellResult | null> {
    const kept = results.get(job);
    if (kept) return kept;
    const chunks: Buffer[] = [];
    for await (const chunk of await artifacts.open(job, 'report.json')) chunks.push(chunk as Buffer);
    const result = resultOfReport(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (result) results.set(job, result);
    return result;
  }

  return async (job: string, missing: 'pending' | 'cancelled' | 'lost'): Promise<CellState> => {
    const record = await jobs.get(job);
    if (record === null && missing !== 'lost') return { status: missing };
    if (record === null)
      return { status: 'failed', error: { code: 'JOB_NOT_FOUND', message: `its job ${job} is gone` } };
    if (record.status === 'queued' || record.status === 'paused') return { status: 'pending' };
    if (record.status === 'running' || record.status === 'pausing') return { status: 'running' };
    if (record.status === 'cancelling' || record.status === 'cancelled') return { status: 'cancelled' };
    if (record.status === 'succeeded') {
      const result = await resultOf(job).catch(() => null);
      if (result) return { status: 'done', result };
      return {
        status: 'failed',
        error: { code: 'ARTIFACT_NOT_FOUND', message: `the report of job ${job} cannot be read` },
      };
    }
    return { status: 'failed', error: record.error ?? { code: 'INTERNAL', message: `job ${job} is ${record.status}` } };
  };
}
