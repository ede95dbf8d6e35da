/**
 * Listings of jobs, newest first. Ids sort by their time of creation, so a page is a range of ids in a sorted set whose scores are all equal: it begins behind
 * any id, whether that job is still there or not, and times of creation are bounds of the range. What no set answers for is compared record by record.
 */
import type { Redis } from 'ioredis';
import { firstJobIdAt } from '../contract/job-id.ts';
import type { JobRecord } from '../contract/job-state.ts';
import type { JobFilter, JobStore } from '../jobs/ports.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { decodeRecord, hashOf } from './record.ts';

/** Records that one page may look at; a filter that finds nothing among them gives an empty page that is not the last. */
const maxScanned = 5000;
const maxChunk = 200;

const hasMetadata = ({ metadata }: JobRecord, wanted: Readonly<Record<string, string>> = {}) =>
  Object.entries(wanted).every(([key, value]) => metadata[key] === value);

function matches(record: JobRecord, { owner, statuses, method, metadata }: JobFilter): boolean {
  return (
    (owner === null || record.owner === owner) &&
    (statuses === undefined || statuses.includes(record.status)) &&
    (method === undefined || record.method === method) &&
    hasMetadata(record, metadata)
  );
}

/** Sets that together hold every job that the filter can find. */
function setsOf(keys: Keys, { owner, statuses, comparison }: JobFilter): string[] {
  if (comparison !== undefined) return [keys.index(`comparison:${comparison}`, null)];
  return [...new Set(statuses ?? ['any'])].map((status) => keys.index(status, owner));
}

export function createJobList(redis: Redis, keys: Keys): JobStore['list'] {
  /** Ids of all sets below `from`, newest first. */
  const idsBelow = async (sets: readonly string[], from: string, to: string, count: number): Promise<string[]> => {
    const lists = await Promise.all(sets.map((set) => redis.zrevrangebylex(set, from, to, 'LIMIT', 0, count)));
    return [...new Set(lists.flat())].sort().reverse().slice(0, count);
  };

  return (filter) =>
    guarded(async () => {
      const { createdFromMs, createdBeforeMs, after, limit } = filter;
      const sets = setsOf(keys, filter);
      const last = createdFromMs === undefined ? '-' : `[${firstJobIdAt(createdFromMs)}`;
      const bounds = [after, createdBeforeMs === undefined ? undefined : firstJobIdAt(createdBeforeMs)];
      const [lowest] = bounds.filter((bound) => bound !== undefined).sort();
      let from = lowest === undefined ? '+' : `(${lowest}`;
      const found: JobRecord[] = [];
      for (let scanned = 0; scanned < maxScanned; ) {
        const chunk = Math.min(maxChunk, limit + 1);
        const ids = await idsBelow(sets, from, last, chunk);
        const records = await Promise.all(ids.map(async (id) => decodeRecord(await hashOf(redis, keys.job(id)))));
        for (const record of records) {
          if (record === null || !matches(record, filter)) continue;
          if (found.length === limit) return { records: found, next: found.at(-1)?.id ?? null };
          found.push(record);
        }
        if (ids.length < chunk) return { records: found, next: null };
        scanned += ids.length;
        from = `(${ids.at(-1)}`;
      }
      return { records: found, next: from.slice(1) };
    });
}
