/** Comparisons in Redis: the record packed under its id, and two sets of ids for the listings. Nothing in a record ever changes. */
import type { Redis } from 'ioredis';
import type { ComparisonRecord, ComparisonStore } from '../comparison/record.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { packJson, unpackJson } from './record.ts';

export function createComparisonStore(redis: Redis, keys: Keys): ComparisonStore {
  const get = (id: string) =>
    guarded(async () => {
      const bytes = await redis.getBuffer(keys.comparison(id));
      return bytes === null ? null : ((await unpackJson(bytes)) as ComparisonRecord);
    });
  return {
    get,
    async create(record) {
      const packed = await packJson(record);
      await guarded(() =>
        redis
          .multi()
          .set(keys.comparison(record.id), packed)
          .zadd(keys.comparisons(null), 0, record.id)
          .zadd(keys.comparisons(record.owner), 0, record.id)
          .exec(),
      );
    },
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
          .exec(),
      );
    },
  };
}
