/** Removes checkpoints that no attempt will read: those of jobs that are over or gone, and those whose attempt died before it stored a pointer to them. */
import type { BlobStore } from '../../storage/blob-store.ts';
import { type CheckpointPointer, parseCheckpointKey } from './checkpoints.ts';

/** A younger checkpoint may be one whose pointer is about to be set. */
const minAgeMs = 3600 * 1000;

/**
 * @param pointersOf the checkpoints that count for a job; none when it is over or gone
 * @returns how many were removed
 */
export async function sweepCheckpoints(
  blobs: Pick<BlobStore, 'keys' | 'remove'>,
  pointersOf: (jobId: string) => Promise<readonly CheckpointPointer[]>,
  now = Date.now(),
): Promise<number> {
  let removed = 0;
  for await (const key of blobs.keys()) {
    const parsed = parseCheckpointKey(key);
    if (parsed === null || now - parsed.writtenAtMs < minAgeMs) continue;
    if ((await pointersOf(parsed.jobId)).some((pointer) => pointer.key === key)) continue;
    await blobs.remove(key);
    removed += 1;
  }
  return removed;
}
