/** Scripts that workers run on jobs. Every write names the token of its attempt, and is refused once another attempt has begun. */
import { define } from './script.ts';

/** Arguments: ticket. Returns the id of the job to which the ticket is bound from now on; nil when no job waits for it. */
export const takeScript = define(`return take(ARGV[4])`);

/**
 * A worker begins an attempt. Arguments: ticket, token, largest number of failures, device (JSON). Returns the hash of the job; nil when there is nothing to run.
 * An earlier attempt that was not closed is one whose process died: it is counted as a failure.
 */
export const beginScript = define(`
local token = ARGV[5]
local id = take(ARGV[4])
if not id then return nil end
local hash = key('job', id)
local found = redis.call('HMGET', hash, 'status', 'open', 'failures', 'lastLoss', 'attempt', 'startedAt', 'token')
local status = found[1]
-- A command that the client repeats after a reconnection changes nothing.
if found[7] == token then return redis.call('HGETALL', hash) end
if not status or terminal[status] or status == 'paused' then
  redis.call('HDEL', P .. ':tickets', ARGV[4])
  redis.call('HDEL', P .. ':taken', ARGV[4])
  return nil
end
if status == 'cancelling' then
  transition(id, status, 'cancelled')
  return nil
end
if status == 'pausing' then
  transition(id, status, 'paused')
  return nil
end
if status == 'queued' then
  local deadline = redis.call('ZSCORE', P .. ':deadlines', id)
  if deadline and tonumber(deadline) < nowMs then
    fail(id, status, 'expired', 'JOB_EXPIRED', 'the job waited in the queue longer than its limit')
    return nil
  end
end
local failures = found[2] == '1' and redis.call('HINCRBY', hash, 'failures', 1) or tonumber(found[3])
if failures >= tonumber(ARGV[6]) then
  local last = found[4] or 'its worker vanished'
  fail(id, status, 'failed', 'WORKER_LOST', failures .. ' attempts were lost or failed; the last one: ' .. last)
  return nil
end
local attempt = tonumber(found[5]) + 1
redis.call('HSET', hash, 'token', token, 'open', 1, 'attempt', attempt, 'phase', '"loading"', 'device', ARGV[7], 'nextAttemptAt', 'null')
if found[6] == 'null' then redis.call('HSET', hash, 'startedAt', cjson.encode(at)) end
forgetEta(id)
local data = '{"status":"running","phase":"loading","attempt":' .. attempt .. '}'
if status == 'running' then emit(id, 'status', data) else transition(id, status, 'running', data) end
return redis.call('HGETALL', hash)
`);

/** Arguments: id, token, new status, ',from,from,', event data, field, value, ... Returns 1; nil when the status or the token forbids the change. */
export const finishScript = define(`
local id = ARGV[4]
local from = owned(id, ARGV[5])
if not from or not string.find(ARGV[7], ',' .. from .. ',', 1, true) then return nil end
setFields(id, 9)
transition(id, from, ARGV[6], ARGV[8])
return 1
`);

/**
 * Arguments: id, token, name of the report, event type or '', data, field, value, ... Returns the status; nil when another attempt owns the job.
 * A report with the name of the report before it is the same report, which the client repeats after a reconnection. A status event is given the present
 * status: its data must be an object with at least one entry.
 */
export const reportScript = define(`
local id = ARGV[4]
local status = owned(id, ARGV[5])
if not status then return nil end
if redis.call('HGET', key('job', id), 'reported') == ARGV[6] then return status end
redis.call('HSET', key('job', id), 'reported', ARGV[6])
setFields(id, 9)
if ARGV[7] == 'status' then
  emit(id, 'status', '{"status":"' .. status .. '",' .. string.sub(ARGV[8], 2))
elseif ARGV[7] ~= '' then
  emit(id, ARGV[7], ARGV[8])
end
return status
`);

/**
 * Arguments: id, token, pointer. Returns the status and the pointers that were dropped; nil when another attempt owns the job. The pointer before the newest
 * is kept, for the case that the newest checkpoint cannot be read.
 */
export const checkpointScript = define(`
local id, pointers = ARGV[4], key('checkpoints', ARGV[4])
local status = owned(id, ARGV[5])
if not status then return nil end
-- A command that the client repeats after a reconnection changes nothing.
if redis.call('LINDEX', pointers, 0) ~= ARGV[6] then redis.call('LPUSH', pointers, ARGV[6]) end
local dropped = redis.call('LRANGE', pointers, 2, -1)
redis.call('LTRIM', pointers, 0, 1)
return { status, unpack(dropped) }
`);

/**
 * An attempt ends without a final status, and another attempt will follow. Arguments: id, token, '1' when it counts as a failure, reason, time of the next attempt (JSON).
 * Returns 'waiting'; 'ended' when the job was being cancelled or paused, and is cancelled or paused now; nil when another attempt owns the job.
 */
export const releaseScript = define(`
local id = ARGV[4]
local hash = key('job', id)
local status = owned(id, ARGV[5])
if not status then return nil end
if status == 'cancelling' then
  transition(id, status, 'cancelled')
  return 'ended'
end
if ARGV[6] == '1' then redis.call('HINCRBY', hash, 'failures', 1) end
if status == 'pausing' then
  transition(id, status, 'paused')
  return 'ended'
end
forgetEta(id)
redis.call('HDEL', hash, 'token', 'open')
redis.call('HSET', hash, 'lastLoss', ARGV[7], 'phase', '"waiting"', 'nextAttemptAt', ARGV[8])
emit(id, 'status', '{"status":"running","phase":"waiting","reason":' .. cjson.encode(ARGV[7]) .. ',"nextAttemptAt":' .. ARGV[8] .. '}')
return 'waiting'
`);
