/** Functions of the life of a job and of a comparison, which the scripts share: the only places where statuses change. */
import { isTerminal, jobStatuses } from '../../contract/job-status.ts';

const luaSet = (names: readonly string[]) => `{ ${names.map((name) => `${name} = true`).join(', ')} }`;

export const lifeLua = `
local terminal = ${luaSet(jobStatuses.filter(isTerminal))}

-- Sets the fields of the job from the pairs of field and value that begin at ARGV[first].
local function setFields(id, first)
  for i = first, #ARGV, 2 do redis.call('HSET', key('job', id), ARGV[i], ARGV[i + 1]) end
end

-- Events of progress are not entered into the stream of the log: they are so many that the lines of the log would be trimmed.
local function emit(id, kind, data)
  local entry = redis.call('XADD', key('events', id), 'MAXLEN', '~', keptEvents, '*', 'type', kind, 'at', at, 'data', data)
  if kind == 'progress' then return end
  redis.call('XADD', key('log', id), 'MAXLEN', '~', keptEvents, entry, 'type', kind, 'at', at, 'data', data)
end

local function ownerOf(id) return cjson.decode(redis.call('HGET', key('job', id), 'owner')) end

-- Returns the id of the comparison of which the job is a cell, or nil.
local function comparisonOf(id)
  local found = redis.call('HGET', key('job', id), 'comparison')
  local decoded = found and cjson.decode(found)
  return type(decoded) == 'string' and decoded or nil
end

local function index(id, owner, status, add)
  for _, set in ipairs({ P .. ':index:' .. status, P .. ':index:' .. status .. ':' .. owner }) do
    if add then redis.call('ZADD', set, 0, id) else redis.call('ZREM', set, id) end
  end
end

-- Returns how many cells of a comparison are not over, and how many are in each status (fields 'n:queued', ...).
local function openCells(comparison)
  local fields, open, counts = redis.call('HGETALL', key('comparison', comparison)), 0, {}
  for i = 1, #fields, 2 do
    local status = string.match(fields[i], '^n:(.+)$')
    if status then
      counts[status] = tonumber(fields[i + 1])
      if not terminal[status] and status ~= 'lost' then open = open + counts[status] end
    end
  end
  return open, counts
end

-- Sets the final status of a comparison when its last cell is over, and removes it when a cell is run again.
local function judge(comparison)
  local hash = key('comparison', comparison)
  local open, counts = openCells(comparison)
  if open > 0 then
    redis.call('HDEL', hash, 'status', 'finishedAt')
    redis.call('ZREM', P .. ':finished-comparisons', comparison)
    return
  end
  local total = tonumber(redis.call('HGET', hash, 'cells'))
  local status = (counts.cancelled or 0) > 0 and 'cancelled' or (counts.succeeded or 0) == total and 'succeeded' or 'failed'
  redis.call('HSET', hash, 'status', status, 'finishedAt', at)
  redis.call('ZADD', P .. ':finished-comparisons', nowMs, comparison)
end

local function countCell(comparison, from, to, by)
  local hash = key('comparison', comparison)
  if redis.call('EXISTS', hash) == 0 then return end
  redis.call('HINCRBY', hash, 'n:' .. from, -(by or 1))
  redis.call('HINCRBY', hash, 'n:' .. to, by or 1)
end

local function reserve(owner, places)
  if redis.call('HINCRBY', P .. ':reserved', owner, places) <= 0 then redis.call('HDEL', P .. ':reserved', owner) end
end

-- Returns the number of an owner's jobs that wait, those included that its comparisons have still to make.
local function waitingOf(owner)
  return redis.call('ZCARD', P .. ':index:queued:' .. owner) + tonumber(redis.call('HGET', P .. ':reserved', owner) or 0)
end

-- Returns what an idempotency key was used for, { 'existing' or 'conflict', id }, or nil. The kind is 'job' or 'comparison'.
local function recall(kind, idempotency, bodyHash)
  local known = idempotency ~= '' and redis.call('GET', idempotency)
  if not known then return nil end
  local hash, id = string.match(known, '^(%S+) (%S+)$')
  if redis.call('EXISTS', key(kind, id)) == 0 then return nil end
  return { hash == bodyHash and 'existing' or 'conflict', id }
end

-- Returns nil when a new job or comparison may be stored, and remembers it under the idempotency key; else the reason. A replay is found before the quota is tested.
local function refusal(kind, id, owner, idempotency, bodyHash, ttlMs, places, limit)
  local known = recall(kind, idempotency, bodyHash)
  if known then return known end
  if redis.call('EXISTS', key(kind, id)) == 1 then return { 'existing', id } end
  local waiting = waitingOf(owner)
  if waiting + places > tonumber(limit) then return { 'quota', whole(waiting) } end
  if idempotency ~= '' then redis.call('SET', idempotency, bodyHash .. ' ' .. id, 'PX', ttlMs) end
  return nil
end

-- Removes the estimate of the remaining time, which holds only while an attempt iterates.
local function forgetEta(id)
  local hash = key('job', id)
  redis.call('HSET', hash, 'progress', (string.gsub(redis.call('HGET', hash, 'progress'), '"etaSeconds":[^,}]*', '"etaSeconds":null')))
end

-- Pauses a job that no worker holds until its deadline. Its checkpoints are kept.
local function hold(id)
  local hash = key('job', id)
  redis.call('HSET', hash, 'pausedAt', nowMs, 'phase', 'null', 'nextAttemptAt', 'null')
  redis.call('HDEL', hash, 'token', 'open', 'reported')
  redis.call('ZADD', P .. ':deadlines', redis.call('HGET', hash, 'pauseDeadline') or nowMs, id)
  redis.call('ZREM', key('unfinished', redis.call('HGET', hash, 'queue')), id)
  giveBack(id)
end

-- Adds the time of a pause to the time that does not count as running.
local function unhold(id)
  local hash = key('job', id)
  local found = redis.call('HMGET', hash, 'pausedAt', 'startedAt')
  if found[1] and found[2] ~= 'null' then redis.call('HINCRBY', hash, 'heldMs', whole(nowMs - tonumber(found[1]))) end
  redis.call('HDEL', hash, 'pausedAt')
  redis.call('ZREM', P .. ':deadlines', id)
end

-- Changes the status of a job and everything that depends on it. For a job that waited it returns the result of leave().
local function transition(id, from, to, data)
  local owner, comparison, left = ownerOf(id), comparisonOf(id), nil
  index(id, owner, from, false)
  index(id, owner, to, true)
  redis.call('HSET', key('job', id), 'status', to)
  if from == 'queued' then left = leave(id) end
  if from == 'paused' then unhold(id) end
  if to == 'paused' then hold(id) end
  if terminal[to] or to == 'paused' then forgetEta(id) end
  if terminal[to] then
    local hash = key('job', id)
    redis.call('HSET', hash, 'finishedAt', cjson.encode(at), 'phase', 'null', 'nextAttemptAt', 'null')
    redis.call('HDEL', hash, 'token', 'open', 'lastLoss', 'reported')
    redis.call('DEL', key('checkpoints', id))
    redis.call('ZREM', key('unfinished', redis.call('HGET', hash, 'queue')), id)
    redis.call('ZADD', P .. ':finished', nowMs, id)
    -- A cell is kept as long as its comparison.
    if not comparison then redis.call('ZADD', P .. ':retained', nowMs, id) end
    giveBack(id)
  end
  emit(id, 'status', data or '{"status":"' .. to .. '"}')
  announce(id, owner, to)
  if comparison then
    countCell(comparison, from, to)
    judge(comparison)
  end
  return left
end

-- Ends a job with an error.
local function fail(id, from, to, code, message)
  local failure = cjson.encode({ code = code, message = message })
  redis.call('HSET', key('job', id), 'error', failure)
  return transition(id, from, to, '{"status":"' .. to .. '","error":' .. failure .. '}')
end

-- Returns the status when this attempt still owns the job, else false.
local function owned(id, token)
  local found = redis.call('HMGET', key('job', id), 'token', 'status')
  return found[1] == token and found[2]
end
`;
