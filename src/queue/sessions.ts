/** Sessions of browsers that signed in: a random id stands for a key, so that the key itself stays out of the browser. Only digests of ids are stored. */
import { createHash, randomBytes } from 'node:crypto';
import type { Sessions } from '../jobs/ports.ts';
import type { RedisClient } from './connection.ts';
import type { Keys } from './keys.ts';
import { guarded } from './redis-errors.ts';

const idBytes = 32;
const digest = (id: string) => createHash('sha256').update(id).digest('hex');

export function createSessions(redis: RedisClient, keys: Keys): Sessions {
  return {
    async open(keyHash, ttlSeconds) {
      const id = randomBytes(idBytes).toString('base64url');
      await guarded(() => redis.set(keys.session(digest(id)), keyHash, 'EX', ttlSeconds));
      return id;
    },
    find: (id) => guarded(() => redis.get(keys.session(digest(id)))),
    async close(id) {
      await guarded(() => redis.del(keys.session(digest(id))));
    },
  };
}
