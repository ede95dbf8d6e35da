/** What killed processes left in the folder for temporary files: graphs that TensorFlow was to read, files that were laid out to be opened. */
import { tmpdir } from 'node:os';
import { sweepTemporary } from '../src/durable-files.ts';
import type { SupervisionLog } from './supervise.ts';

/** Never throws: leftovers that this user may not remove are no reason to stop working. */
export async function sweepLeftovers(log: Pick<SupervisionLog, 'warn'>): Promise<void> {
  await sweepTemporary(tmpdir()).catch((error: unknown) =>
    log.warn({ err: error }, 'temporary files of processes that have ended were not removed'),
  );
}
