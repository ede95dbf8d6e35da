/** What is done to comparisons. Their cells are counted where the statuses of jobs change (life.ts). */
import { define } from './script.ts';

/**
 * id, record, idempotency key or '', body hash, its TTL in ms, owner, cells, most jobs of one owner that may wait
 * -> 'created' ID | 'existing' ID | 'conflict' ID | 'quota' WAITING. Every cell has its place in the quota from now on.
 */
export const createComparisonScript = define(`
local id, owner, cells = ARGV[4], ARGV[9], tonumber(ARGV[10])
local refused = refusal('comparison', id, owner, ARGV[6], ARGV[7], ARGV[8], cells, ARGV[11])
if refused then return refused end
redis.call('HSET', key('comparison', id), 'record', ARGV[5], 'cells', cells, 'n:unmade', cells)
redis.call('ZADD', P .. ':comparisons', 0, id)
redis.call('ZADD', key('comparisons', owner), 0, id)
redis.call('ZADD', P .. ':unsettled', nowMs, id)
reserve(owner, cells)
return { 'created', id }
`);

/** id, owner, the status that cells get which are not made and never will be: 'cancelled' or 'lost' */
export const closeComparisonScript = define(`
local id = ARGV[4]
redis.call('ZREM', P .. ':unsettled', id)
local unmade = tonumber(redis.call('HGET', key('comparison', id), 'n:unmade') or 0)
if unmade > 0 then
  reserve(ARGV[5], -unmade)
  countCell(id, 'unmade', ARGV[6], unmade)
  judge(id)
end
return unmade
`);

/** id, owner -> how many cells are not over; the record is gone when that is 0 */
export const removeComparisonScript = define(`
local id = ARGV[4]
local open = openCells(id)
if open > 0 then return open end
redis.call('DEL', key('comparison', id), P .. ':index:comparison:' .. id)
for _, set in ipairs({ ':comparisons', ':comparisons:' .. ARGV[5], ':unsettled', ':finished-comparisons' }) do
  redis.call('ZREM', P .. set, id)
end
return 0
`);
