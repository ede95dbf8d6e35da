/**
 * Which jobs need which uploads, so that a deletion asks this and not every specification.
 *
 *   P:uses:UPLOAD   sorted set of ids of jobs and comparisons by the time they were added
 *
 * An id is added before its job is stored. Ids of jobs that are over are removed when the index is read: only the record of a job says whether it is over.
 */
import type { Redis } from 'ioredis';
import { isTerminal, jobStatuses } from '../contract/job-status.ts';
import type { UploadUses } from '../jobs/ports.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';

/** A job that is not there may be about to be stored, unless it has been removed. */
const storingMs = 60_000;
const page = 100;

export interface RedisUploadUses extends UploadUses {
  /** Before the job, or the comparison, is stored. */
  add(uploadIds: readonly string[], userId: string): Promise<void>;
  /** After the job was removed: it needs nothing any more. */
  forget(userId: string): Promise<void>;
}

export function createUploadUses(redis: Redis, keys: Keys): RedisUploadUses {
  /** What still needs the upload; null for an id that does not any more. */
  const userOf = async (id: string, addedAtMs: number): Promise<{ id: string; owner: string | null } | null> => {
    const [status, owner] = await redis.hmget(keys.job(id), 'status', 'owner');
    const known = jobStatuses.find((name) => name === status);
    if (known !== undefined) return isTerminal(known) ? null : { id, owner: owner ? JSON.parse(owner) : null };
    const isRemoved = (await redis.exists(keys.removed(id))) === 1;
    const isStarting =
      !isRemoved && (Date.now() - addedAtMs < storingMs || (await redis.zscore(keys.unsettled, id)) !== null);
    return isStarting ? { id, owner: null } : null;
  };

  return {
    forget: async (userId) => {
      await guarded(() => redis.set(keys.removed(userId), '1', 'PX', 2 * storingMs));
    },

    add: (uploadIds, userId) =>
      guarded(async () => {
        for (const uploadId of uploadIds) await redis.zadd(keys.uses(uploadId), Date.now(), userId);
      }),

    find: (uploadId) =>
      guarded(async () => {
        for (;;) {
          const entries = await redis.zrangebyscore(
            keys.uses(uploadId),
            '-inf',
            '+inf',
            'WITHSCORES',
            'LIMIT',
            0,
            page,
          );
          for (let at = 0; at < entries.length; at += 2) {
            const id = entries[at] as string;
            const user = await userOf(id, Number(entries[at + 1]));
            if (user !== null) return user;
            await redis.zrem(keys.uses(uploadId), id);
          }
          if (entries.length === 0) return null;
        }
      }),
  };
}
