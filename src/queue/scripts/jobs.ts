/** Scripts that clients and the service itself run on jobs; those of workers are in attempts.ts. */
import { jobStatuses } from '../../contract/job-status.ts';
import { define } from './script.ts';

/**
 * Arguments: id, specification, idempotency key or '', body hash, its time to live in ms, owner, deadline, largest number of waiting jobs of one owner,
 * comparison or '', queue, rank, field, value, ...
 * Returns 'created', 'existing' ID, 'conflict' ID, 'quota' WAITING, or 'closed' ID when the comparison takes no cell any more.
 * The cells of a comparison have been counted against the quota when the comparison was stored.
 */
export const createScript = define(`
local id, owner, comparison = ARGV[4], ARGV[9], ARGV[12]
if comparison == '' then
  local refused = refusal('job', id, owner, ARGV[6], ARGV[7], ARGV[8], 1, ARGV[11])
  if refused then return refused end
else
  if redis.call('EXISTS', key('job', id)) == 1 then return { 'existing', id } end
  if tonumber(redis.call('HGET', key('comparison', comparison), 'n:unmade') or 0) <= 0 then return { 'closed', id } end
  countCell(comparison, 'unmade', 'queued')
  reserve(owner, -1)
  redis.call('ZADD', P .. ':index:comparison:' .. comparison, 0, id)
end
setFields(id, 15)
redis.call('HSET', key('job', id), 'execution', 1, 'queue', ARGV[13], 'rank', ARGV[14])
redis.call('SET', key('spec', id), ARGV[5])
index(id, owner, 'any', true)
index(id, owner, 'queued', true)
enqueue(id, ARGV[10])
return { 'created', id }
`);

/** Arguments: idempotency key, body hash, kind. Returns 'existing' ID or 'conflict' ID; nil for a key that has not been used. */
export const recallScript = define(`return recall(ARGV[6], ARGV[4], ARGV[5])`);

/** Arguments: id, new status, ',from,from,', event data, field, value, ... Returns the hash and the result of leave(); nil when the status forbids the change. */
export const moveScript = define(`
local id, to = ARGV[4], ARGV[5]
local from = redis.call('HGET', key('job', id), 'status')
if not from or not string.find(ARGV[6], ',' .. from .. ',', 1, true) then return nil end
setFields(id, 8)
local left = transition(id, from, to, ARGV[7])
return { redis.call('HGETALL', key('job', id)), left or {} }
`);

/**
 * Arguments: id, '1' when its attempt shall publish the weights that it has. Returns the hash and the result of leave(); nil when the job is over. A job that no
 * attempt runs is cancelled at once; otherwise the worker of the attempt is notified.
 */
export const cancelScript = define(`
local id = ARGV[4]
local found = redis.call('HMGET', key('job', id), 'status', 'token')
local status, left = found[1], nil
if not status or terminal[status] then return nil end
if not found[2] then
  left = transition(id, status, 'cancelled')
elseif status ~= 'cancelling' then
  redis.call('HSET', key('job', id), 'partial', ARGV[5])
  transition(id, status, 'cancelling')
  redis.call('PUBLISH', P .. ':stop', id)
end
return { redis.call('HGETALL', key('job', id)), left or {} }
`);

/**
 * Arguments: id, deadline, largest number of waiting jobs of one owner, field, value, ... Returns the hash, or 'quota' WAITING; nil unless the job has failed, was
 * cancelled or has expired.
 */
export const requeueScript = define(`
local id = ARGV[4]
local hash = key('job', id)
local from = redis.call('HGET', hash, 'status')
if not from or not terminal[from] or from == 'succeeded' then return nil end
local waiting = waitingOf(ownerOf(id))
if waiting >= tonumber(ARGV[6]) then return { 'quota', whole(waiting) } end
redis.call('HINCRBY', hash, 'execution', 1)
redis.call('HDEL', hash, 'heldMs', 'partial')
local progress = string.gsub(redis.call('HGET', hash, 'progress'), '"iteration":%d+', '"iteration":0')
redis.call('HSET', hash, 'progress', progress)
setFields(id, 7)
redis.call('ZREM', P .. ':finished', id)
redis.call('ZREM', P .. ':retained', id)
enqueue(id, ARGV[5])
transition(id, from, 'queued')
return redis.call('HGETALL', hash)
`);

/**
 * Arguments: id, time until which it may be paused. Returns the hash and the result of leave(); nil when the job is over or is being cancelled. A job that no
 * attempt runs is paused at once; otherwise the worker of the attempt is notified.
 */
export const pauseScript = define(`
local id = ARGV[4]
local found = redis.call('HMGET', key('job', id), 'status', 'token')
local status, left = found[1], nil
if status ~= 'queued' and status ~= 'running' and status ~= 'pausing' and status ~= 'paused' then return nil end
if status == 'queued' or status == 'running' then redis.call('HSET', key('job', id), 'pauseDeadline', ARGV[5]) end
if status == 'queued' or (status == 'running' and not found[2]) then
  left = transition(id, status, 'paused')
elseif status == 'running' then
  transition(id, status, 'pausing')
  redis.call('PUBLISH', P .. ':stop', id)
end
return { redis.call('HGETALL', key('job', id)), left or {} }
`);

/**
 * Arguments: id, deadline, largest number of waiting jobs of one owner. Returns the hash, or 'quota' WAITING; nil unless the job is paused or is being paused. A
 * job that is being paused becomes a running one again: the worker that has stopped it hands it back.
 */
export const resumeScript = define(`
local id = ARGV[4]
local hash = key('job', id)
local status = redis.call('HGET', hash, 'status')
if status == 'pausing' then
  transition(id, status, 'running')
elseif status == 'paused' then
  local waiting = waitingOf(ownerOf(id))
  if waiting >= tonumber(ARGV[6]) then return { 'quota', whole(waiting) } end
  redis.call('HINCRBY', hash, 'execution', 1)
  transition(id, status, 'queued')
  enqueue(id, ARGV[5])
else
  return nil
end
return redis.call('HGETALL', hash)
`);

/** Arguments: id. Returns 'removed', 'absent' or the status that forbids the removal. The entries of an absent id in sets are removed too. */
export const removeScript = define(`
local id = ARGV[4]
local status = redis.call('HGET', key('job', id), 'status')
if status and not terminal[status] then return status end
redis.call('ZREM', P .. ':retained', id)
redis.call('ZREM', P .. ':finished', id)
if not status then
  for _, name in ipairs({ 'any', ${jobStatuses.map((status) => `'${status}'`).join(', ')} }) do
    redis.call('ZREM', P .. ':index:' .. name, id)
  end
  return 'absent'
end
local owner, comparison = ownerOf(id), comparisonOf(id)
index(id, owner, 'any', false)
index(id, owner, status, false)
if comparison then
  countCell(comparison, status, 'lost')
  redis.call('ZREM', P .. ':index:comparison:' .. comparison, id)
end
removeDeliveries(id)
redis.call('DEL', key('job', id), key('spec', id), key('events', id), key('log', id))
return 'removed'
`);

/** Arguments: id. Returns the position of the job's ticket in its queue, from 1; nil when the job does not wait. */
export const positionScript = define(`
local id = ARGV[4]
if redis.call('HGET', key('job', id), 'status') ~= 'queued' then return nil end
local owner, queue = placeOf(id)
local place = redis.call('ZRANK', key('line', queue) .. ':' .. owner, id)
if not place then return nil end
local ticket = redis.call('ZRANGE', key('slots', queue) .. ':' .. owner, place, place)[1]
local rank = ticket and redis.call('ZRANK', key('waiting', queue), ticket)
return rank and rank + 1
`);

/** Puts tickets that BullMQ does not have into the outbox. Arguments: prefix of BullMQ's keys, ticket, ... Returns the number of those tickets. */
export const adoptScript = define(`
local count = 0
for i = 5, #ARGV do
  local slot = redis.call('HGET', P .. ':tickets', ARGV[i])
  local queue = slot and string.match(slot, '^%S+')
  if queue and redis.call('EXISTS', ARGV[4] .. ':' .. queue .. ':' .. ARGV[i]) == 0 then
    count = count + redis.call('ZADD', P .. ':outbox', 'NX', nowMs, ARGV[i])
  end
end
return count
`);
