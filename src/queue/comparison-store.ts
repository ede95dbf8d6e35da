/** Comparisons in Redis: a hash with the packed record, which never changes, and what the scripts count of its cells; sets of ids for the listings. */
import type { Redis } from 'ioredis';
import type { ComparisonRecord, ComparisonStore, StoredComparison } from '../comparison/plan/record.ts';
import type { CellStatus, ComparisonEnd } from '../comparison/plan/status.ts';
import { uploadsOfComparison } from '../contract/references.ts';
import { type AdmissionOptions, assertAdmitted, idempotencyArguments, recall } from './admission.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { packJson, unpackJson } from './record.ts';
import {
  closeComparisonScript,
  createComparisonScript,
  createRunScript,
  removeComparisonScript,
} from './scripts/index.ts';
import { createUploadUses } from './upload-uses.ts';

const countField = /^n:(.+)$/;

async function decode(fields: Readonly<Record<string, Buffer>>): Promise<StoredComparison | null> {
  if (fields.record === undefined) return null;
  const counts = Object.entries(fields).flatMap(([name, value]) => {
    const [, status] = countField.exec(name) ?? [];
    return status === undefined ? [] : [[status as CellStatus, Number(value.toString())] as const];
  });
  const { status, finishedAt } = fields;
  return {
    record: (await unpackJson(fields.record)) as ComparisonRecord,
    end:
      status === undefined || finishedAt === undefined
        ? null
        : { status: status.toString() as ComparisonEnd, finishedAt: finishedAt.toString() },
    counts: Object.fromEntries(counts),
  };
}

export function createComparisonStore(
  redis: Redis,
  keys: Keys,
  options: AdmissionOptions & { readonly eventsPerJob: number },
): ComparisonStore {
  const run = createRunScript(redis, keys.prefix, options.eventsPerJob);
  const uses = createUploadUses(redis, keys);
  const get = (id: string) => guarded(async () => decode(await redis.hgetallBuffer(keys.comparison(id))));

  return {
    get,

    async create(record, idempotency) {
      await uses.add(uploadsOfComparison(record.spec), record.id);
      const cells = Object.keys(record.jobs).length;
      const reply = (await run(
        createComparisonScript,
        record.id,
        await packJson(record),
        ...idempotencyArguments(keys, 'comparison', record.owner, idempotency, options),
        record.owner,
        cells,
        options.maxQueuedJobsPerKey,
      )) as string[];
      assertAdmitted('comparison', reply, options.maxQueuedJobsPerKey);
      const [outcome, id = ''] = reply;
      const made = { record, end: null, counts: { unmade: cells } };
      return outcome === 'existing'
        ? { record: (await get(id)) ?? made, existing: true }
        : { record: made, existing: false };
    },

    async replay(owner, idempotency) {
      const id = await recall(run, keys, 'comparison', owner, idempotency);
      return id === null ? null : get(id);
    },

    isOver: (id) =>
      guarded(async () => {
        const [cells, status] = await redis.hmget(keys.comparison(id), 'cells', 'status');
        return typeof cells === 'string' ? typeof status === 'string' : null;
      }),

    async close({ id, owner }, rest) {
      await run(closeComparisonScript, id, owner, rest);
    },

    unsettled: (beforeMs) => guarded(() => redis.zrangebyscore(keys.unsettled, '-inf', beforeMs)),

    finishedBefore: (timeMs, limit) =>
      guarded(() => redis.zrangebyscore(keys.finishedComparisons, '-inf', timeMs, 'LIMIT', 0, limit)),

    async list(owner, limit, after) {
      const from = after === undefined ? '+' : `(${after}`;
      const ids = await guarded(() => redis.zrevrangebylex(keys.comparisons(owner), from, '-', 'LIMIT', 0, limit + 1));
      const found = await Promise.all(ids.slice(0, limit).map(get));
      return { found: found.filter((entry) => entry !== null), hasMore: ids.length > limit };
    },

    remove: async ({ id, owner }) => (await run(removeComparisonScript, id, owner)) as number,
  };
}
