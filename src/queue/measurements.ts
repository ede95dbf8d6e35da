/** What runs took, as workers measured it: the last ones of each kind of work. attempts.ts writes them. */
import type { Redis } from 'ioredis';
import type { MeasurementStore, StoredMeasurement } from '../jobs/estimate/estimate.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';

const kept = 20;
const lifetimeSeconds = 30 * 86_400;

export async function recordMeasurement(
  redis: Redis,
  keys: Keys,
  key: string,
  measurement: StoredMeasurement,
): Promise<void> {
  const list = keys.measurements(key);
  await guarded(() =>
    redis
      .multi()
      .lpush(list, JSON.stringify(measurement))
      .ltrim(list, 0, kept - 1)
      .expire(list, lifetimeSeconds)
      .exec(),
  );
}

export const createMeasurementStore = (redis: Redis, keys: Keys): MeasurementStore => ({
  read: (key) =>
    guarded(async () => {
      const texts = await redis.lrange(keys.measurements(key), 0, -1);
      // Only recordMeasurement writes these texts.
      return texts.map((text) => JSON.parse(text) as StoredMeasurement);
    }),
});
