/** Scripts that change comparisons. Their cells are counted in life.ts, where the statuses of jobs change. */
import { define } from './script.ts';

/**
 * Arguments: id, record, idempotency key or '', body hash, its time to live in ms, owner, number of cells, largest number of waiting jobs of one owner.
 * Returns 'created' ID, 'existing' ID, 'conflict' ID or 'quota' WAITING. Every cell counts against the quota from now on.
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

/** Arguments: id, owner, and the status of the cells whose jobs will not be made: 'cancelled' or 'lost'. Returns the number of those cells. */
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

/** Arguments: id, owner. Returns the number of cells that are not over. When it is 0 the record has been removed. */
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
