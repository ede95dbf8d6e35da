/** Finds the state that a new attempt goes on from: the newest checkpoint that can be read, else the start. */
import { AppError } from '../../errors.ts';
import type { CheckpointPointer, Checkpoints } from './checkpoints.ts';

/**
 * @param pointers newest first
 * @param say is told of every checkpoint that cannot be used, and what happens instead
 * @throws STORE_UNAVAILABLE: the attempt should be repeated later, not started over
 */
export async function loadNewest(
  checkpoints: Pick<Checkpoints, 'read'>,
  pointers: readonly CheckpointPointer[],
  say: (message: string) => void,
): Promise<{ pointer: CheckpointPointer; state: unknown } | null> {
  for (const [index, pointer] of pointers.entries()) {
    try {
      return { pointer, state: await checkpoints.read(pointer.key) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CHECKPOINT_MISMATCH') throw error;
      const before = pointers[index + 1];
      const instead = before
        ? `the one before it is used: ${before.phase}, iteration ${before.iteration}`
        : 'the run begins at its start';
      say(`${error.message}; ${instead}`);
    }
  }
  return null;
}
