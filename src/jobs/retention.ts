/** Finished jobs are removed with their artifacts once their retention time is over; the cells of a comparison are removed with the comparison. */
import type { ArtifactStore, JobStore } from './ports.ts';

const batch = 100;

export interface FinishedJobs extends Pick<JobStore, 'remove'> {
  /** Ids of jobs that finished before and that nothing else keeps, oldest first. */
  finishedBefore(timeMs: number, limit: number): Promise<string[]>;
}

/** Removes every job that finished before `timeMs`. The artifact goes first: a crash in between leaves a record that the next sweep finds. Returns how many. */
export async function sweepJobs(
  jobs: FinishedJobs,
  artifacts: Pick<ArtifactStore, 'remove'>,
  timeMs: number,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const ids = await jobs.finishedBefore(timeMs, batch);
    for (const id of ids) {
      await artifacts.remove(id);
      await jobs.remove(id);
    }
    removed += ids.length;
    if (ids.length < batch) return removed;
  }
}
