/** The state of each cell of a comparison, derived from the state and the report of its job. */
import { LRUCache } from 'lru-cache';
import type { ArtifactStore, JobStore } from '../../jobs/ports.ts';
import type { CellResult, CellState } from './cell.ts';
import { resultOfReport } from './cell-result.ts';

/** Number of results of finished jobs that are cached: reports do not change, and are read at every request while other cells run. */
const keptResults = 5000;

export interface CellStatesDependencies {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'open'>;
}

/** Creates a function from the id of a job to the state of its cell. `missing` is the status where no such job exists; 'lost' becomes a failure. */
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
