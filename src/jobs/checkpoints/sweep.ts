/** Removes checkpoints that no attempt will read: those of jobs that are over or gone, and those whose attempt died before it stored a pointer to them. */
import type { BlobStore } from '../../storage/blob-store.ts';
import { type CheckpointPointer, parseCheckpointKey } from './checkpoints.ts';

/** A younger checkpoint of a job that is not over may be one whose pointer is about to be set. */
const minAgeMs = 3600 * 1000;

export interface CheckpointOwners {
  /** The checkpoints that count for a job; none when it is over or gone. */
  pointersOf(jobId: string): Promise<readonly CheckpointPointer[]>;
  /** True for a job in a status that it does not leave by itself. */
  isOver(jobId: string): Promise<boolean>;
}

/** @returns how many were removed */
export async function sweepCheckpoints(
  blobs: Pick<BlobStore, 'keys' | 'remove'>,
  { pointersOf, isOver }: CheckpointOwners,
  now = Date.now(),
): Promise<number> {
  let removed = 0;
  for await (const key of blobs.keys()) {
    const parsed = parseCheckpointKey(key);
    if (parsed === null) continue;
    if (now - parsed.writtenAtMs < minAgeMs && !(await isOver(parsed.jobId))) continue;
    if ((await pointersOf(parsed.jobId)).some((pointer) => pointer.key === key)) continue;
    await blobs.remove(key);
    removed += 1;
  }
  return removed;
}
