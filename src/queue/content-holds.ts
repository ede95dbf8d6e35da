/**
 * Which contents must stay, known to all processes: whoever stores a content holds it first, whoever removes one claims it first, and only one of the two
 * succeeds.
 *
 *   P:held       sorted set of digests by the time until which they are held
 *   P:removing   sorted set of digests by the time until which somebody may be removing them
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { AppError } from '../errors.ts';
import type { ContentHolds } from '../jobs/ports.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { createRunScript, define } from './scripts/script.ts';

/** until, digest, ... -> 1, or 0 while one of them is being removed */
const holdScript = define(`
redis.call('ZREMRANGEBYSCORE', P .. ':held', '-inf', nowMs)
redis.call('ZREMRANGEBYSCORE', P .. ':removing', '-inf', nowMs)
for i = 5, #ARGV do
  if redis.call('ZSCORE', P .. ':removing', ARGV[i]) then return 0 end
end
for i = 5, #ARGV do redis.call('ZADD', P .. ':held', 'GT', ARGV[4], ARGV[i]) end
return 1
`);

/** until, digest -> 1, or 0 while it is held or being removed */
const claimScript = define(`
for _, set in ipairs({ P .. ':held', P .. ':removing' }) do
  local untilMs = redis.call('ZSCORE', set, ARGV[5])
  if untilMs and tonumber(untilMs) > nowMs then return 0 end
end
redis.call('ZADD', P .. ':removing', ARGV[4], ARGV[5])
return 1
`);

/** A removal takes a fraction of a second; a process that dies in it blocks others for no longer. */
const claimMs = 30_000;
const retryMs = 200;

export function createContentHolds(redis: Redis, keys: Keys): ContentHolds {
  const runScript = createRunScript(redis, keys.prefix, 0);
  const run = (script: typeof holdScript, forMs: number, digests: readonly string[]) =>
    runScript(script, Date.now() + forMs, ...digests);
  return {
    async hold(digests, forMs) {
      for (const end = Date.now() + 2 * claimMs; Date.now() < end; await sleep(retryMs))
        if ((await run(holdScript, forMs, digests)) === 1) return;
      throw new AppError('STORE_UNAVAILABLE', 'equal files are being removed; try again', { permanent: false });
    },
    claim: async (digest) => (await run(claimScript, claimMs, [digest])) === 1,
    async release(digest) {
      await guarded(() => redis.zrem(`${keys.prefix}:removing`, digest));
    },
  };
}
