/** Comparisons in Redis: the record packed under its id, two sets of ids for the listings, and the set of those whose jobs are still being made. Nothing in a record ever changes. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { ComparisonRecord, ComparisonStore } from '../comparison/plan/record.ts';
import { uploadsOfComparison } from '../contract/references.ts';
import { AppError } from '../errors.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { packJson, unpackJson } from './record.ts';
import { define, runScript } from './scripts.ts';
import { createUploadUses } from './upload-uses.ts';

/** id, record, idempotency key or '', body hash, its TTL in ms, owner, now -> 'created' | 'existing' ID | 'conflict' ID */
const createComparisonScript = define(`
local id, idempotency = ARGV[1], ARGV[3]
if idempotency ~= '' then
  local known = redis.call('GET', idempotency)
  if known then
    local hash, other = string.match(known, '^(%S+) (%S+)$')
    if redis.call('EXISTS', key('comparison', other)) == 1 then
      return { hash == ARGV[4] and 'existing' or 'conflict', other }
    end
  end
  redis.call('SET', idempotency, ARGV[4] .. ' ' .. id, 'PX', ARGV[5])
end
redis.call('SET', key('comparison', id), ARGV[2])
redis.call('ZADD', P .. ':comparisons', 0, id)
redis.call('ZADD', key('comparisons', ARGV[6]), 0, id)
redis.call('ZADD', P .. ':unsettled', ARGV[7], id)
return { 'created', id }
`);

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

export function createComparisonStore(
  redis: Redis,
  keys: Keys,
  { idempotencySeconds }: { readonly idempotencySeconds: number },
): ComparisonStore {
  const uses = createUploadUses(redis, keys);
  const get = (id: string) =>
    guarded(async () => {
      const bytes = await redis.getBuffer(keys.comparison(id));
      return bytes === null ? null : ((await unpackJson(bytes)) as ComparisonRecord);
    });
  return {
    get,

    async create(record, idempotency) {
      await uses.add(uploadsOfComparison(record.spec), record.id);
      // A key of a job and the same key of a comparison are two keys.
      const key = idempotency === null ? '' : keys.idempotency(hash(`${record.owner}\0comparison\0${idempotency.key}`));
      const args = [
        record.id,
        await packJson(record),
        key,
        idempotency?.bodyHash ?? '',
        Math.ceil(idempotencySeconds * 1000),
        record.owner,
        Date.now(),
      ];
      const reply = await guarded(() => runScript(redis, createComparisonScript, keys.prefix, args));
      const [outcome, id] = reply as [string, string];
      if (outcome === 'conflict')
        throw new AppError(
          'IDEMPOTENCY_CONFLICT',
          `the Idempotency-Key was used with another body, for comparison ${id}`,
        );
      if (outcome === 'existing') return { record: (await get(id)) ?? record, existing: true };
      return { record, existing: false };
    },

    async settle(id) {
      await guarded(() => redis.zrem(keys.unsettled, id));
    },
    isUnsettled: (id) => guarded(async () => (await redis.zscore(keys.unsettled, id)) !== null),
    unsettled: (beforeMs) => guarded(() => redis.zrangebyscore(keys.unsettled, '-inf', beforeMs)),

    async list(owner, limit, after) {
      const from = after === undefined ? '+' : `(${after}`;
      const ids = await guarded(() => redis.zrevrangebylex(keys.comparisons(owner), from, '-', 'LIMIT', 0, limit + 1));
      const records = await Promise.all(ids.slice(0, limit).map(get));
      return { records: records.filter((record) => record !== null), hasMore: ids.length > limit };
    },

    async remove({ id, owner }) {
      await guarded(() =>
        redis
          .multi()
          .del(keys.comparison(id))
          .zrem(keys.comparisons(null), id)
          .zrem(keys.comparisons(owner), id)
          .zrem(keys.unsettled, id)
          .exec(),
      );
    },
  };
}
