/** Which checkpoints of a job count: a list of pointers, newest first. attempts.ts sets them, the end of a job removes them. */
import type { Redis } from 'ioredis';
import type { CheckpointPointer } from '../jobs/checkpoints/checkpoints.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';

/** Only attempts.ts writes these texts. */
export const decodePointer = (text: string): CheckpointPointer => JSON.parse(text) as CheckpointPointer;

/** None for a job that is over, gone or without a checkpoint. Throws QUEUE_UNAVAILABLE. */
export async function readPointers(redis: Redis, keys: Keys, jobId: string): Promise<CheckpointPointer[]> {
  const texts = await guarded(() => redis.lrange(keys.checkpoints(jobId), 0, -1));
  return texts.map(decodePointer);
}
