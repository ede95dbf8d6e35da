/**
 * Everything that changes a job's record, as Lua: each script is one atomic step, so that no crash leaves half of it and no two processes interleave.
 *
 * KEYS[1] is the prefix: the other keys are built from it (../queue/keys.ts), in the same hash slot when it has braces.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isTerminal, jobStatuses } from '../contract/job-state.ts';

export interface Script {
  readonly source: string;
  readonly sha1: string;
}

const luaSet = (names: readonly string[]) => `{ ${names.map((name) => `${name} = true`).join(', ')} }`;

/** Functions that the scripts share. */
const prelude = `
local P = KEYS[1]
local terminal = ${luaSet(jobStatuses.filter(isTerminal))}
local function key(name, id) return P .. ':' .. name .. ':' .. id end

-- pairs of field and value from ARGV[first] to its end
local function setFields(id, first)
  for i = first, #ARGV, 2 do redis.call('HSET', key('job', id), ARGV[i], ARGV[i + 1]) end
end

local function emit(id, maxLength, kind, at, data)
  redis.call('XADD', key('events', id), 'MAXLEN', '~', maxLength, '*', 'type', kind, 'at', at, 'data', data)
end

local function index(id, owner, status, add)
  for _, set in ipairs({ P .. ':index:' .. status, P .. ':index:' .. status .. ':' .. owner }) do
    if add then redis.call('ZADD', set, 0, id) else redis.call('ZREM', set, id) end
  end
end

local function setStatus(id, from, to, nowMs)
  local owner = cjson.decode(redis.call('HGET', key('job', id), 'owner'))
  index(id, owner, from, false)
  index(id, owner, to, true)
  redis.call('HSET', key('job', id), 'status', to)
  if from == 'queued' then
    redis.call('ZREM', P .. ':waiting', id)
    redis.call('ZREM', P .. ':deadlines', id)
  end
  if terminal[to] then
    redis.call('HDEL', key('job', id), 'token', 'open', 'lastLoss')
    redis.call('DEL', key('checkpoints', id))
    redis.call('ZADD', P .. ':finished', nowMs, id)
  end
end

local function enqueue(id, execution, nowMs, deadlineMs)
  redis.call('ZADD', P .. ':waiting', nowMs, id)
  redis.call('ZADD', P .. ':deadlines', deadlineMs, id)
  redis.call('ZADD', P .. ':outbox', nowMs, id .. '.' .. execution)
end

-- the status when this attempt still owns the job, else false
local function owned(id, token)
  local found = redis.call('HMGET', key('job', id), 'token', 'status')
  return found[1] == token and found[2]
end
`;

/** A script whose functions of the prelude are in scope. */
export const define = (body: string): Script => {
  const source = `${prelude}${body}`;
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
};

/** id, spec, idempotency key or '', body hash, its TTL in ms, owner, now, deadline, field, value, ... -> 'created' | 'existing' ID | 'conflict' ID */
export const createScript = define(`
local id, idempotency = ARGV[1], ARGV[3]
if idempotency ~= '' then
  local known = redis.call('GET', idempotency)
  if known then
    local hash, other = string.match(known, '^(%S+) (%S+)$')
    if redis.call('EXISTS', key('job', other)) == 1 then
      return { hash == ARGV[4] and 'existing' or 'conflict', other }
    end
  end
end
if redis.call('EXISTS', key('job', id)) == 1 then return { 'existing', id } end
if idempotency ~= '' then redis.call('SET', idempotency, ARGV[4] .. ' ' .. id, 'PX', ARGV[5]) end
setFields(id, 9)
redis.call('HSET', key('job', id), 'execution', 1, 'lost', 0)
redis.call('SET', key('spec', id), ARGV[2])
index(id, ARGV[6], 'any', true)
index(id, ARGV[6], 'queued', true)
enqueue(id, 1, ARGV[7], ARGV[8])
return { 'created', id }
`);

/** id, token or '', to, ',from,from,', now, events kept, at, event data, field, value, ... -> the hash, or nil when the status or the token forbids it */
export const moveScript = define(`
local id, token, to = ARGV[1], ARGV[2], ARGV[3]
local from = redis.call('HGET', key('job', id), 'status')
if not from or not string.find(ARGV[4], ',' .. from .. ',', 1, true) then return nil end
if token ~= '' and not owned(id, token) then return nil end
setFields(id, 9)
setStatus(id, from, to, ARGV[5])
emit(id, ARGV[6], 'status', ARGV[7], ARGV[8])
if to == 'cancelling' then redis.call('PUBLISH', P .. ':cancel', id) end
return redis.call('HGETALL', key('job', id))
`);

/** id, events kept, at, now, deadline -> the hash, or nil unless it failed, was cancelled or expired */
export const requeueScript = define(`
local id = ARGV[1]
local from = redis.call('HGET', key('job', id), 'status')
if from ~= 'failed' and from ~= 'cancelled' and from ~= 'expired' then return nil end
local execution = redis.call('HINCRBY', key('job', id), 'execution', 1)
setFields(id, 6)
redis.call('HSET', key('job', id), 'lost', 0)
setStatus(id, from, 'queued', ARGV[4])
redis.call('ZREM', P .. ':finished', id)
enqueue(id, execution, ARGV[4], ARGV[5])
emit(id, ARGV[2], 'status', ARGV[3], '{"status":"queued"}')
return redis.call('HGETALL', key('job', id))
`);

/** id -> 'removed' | 'absent' | the status that forbids it */
export const removeScript = define(`
local id = ARGV[1]
local status = redis.call('HGET', key('job', id), 'status')
if not status then return 'absent' end
if not terminal[status] then return status end
local owner = cjson.decode(redis.call('HGET', key('job', id), 'owner'))
index(id, owner, 'any', false)
index(id, owner, status, false)
redis.call('ZREM', P .. ':finished', id)
redis.call('DEL', key('job', id), key('spec', id), key('events', id))
return 'removed'
`);

/**
 * A worker takes a job up. id, execution, token, most lost attempts, now, events kept, at, device (JSON)
 * -> 'run' | 'ended' | 'skip', and the hash. An attempt that is still open belongs to a process that died.
 */
export const beginScript = define(`
local id, token, nowMs, at = ARGV[1], ARGV[3], ARGV[5], ARGV[7]
local hash = key('job', id)
local found = redis.call('HMGET', hash, 'status', 'execution', 'open', 'lost', 'lastLoss', 'attempt', 'startedAt')
local status = found[1]
if not status or terminal[status] or found[2] ~= ARGV[2] then return { 'skip' } end

local function finish(to, code, message)
  local failure = code and cjson.encode({ code = code, message = message }) or 'null'
  redis.call('HSET', hash, 'finishedAt', cjson.encode(at), 'phase', 'null', 'error', failure)
  setStatus(id, status, to, nowMs)
  emit(id, ARGV[6], 'status', at, '{"status":"' .. to .. '","error":' .. failure .. '}')
  return { 'ended', redis.call('HGETALL', hash) }
end

if status == 'cancelling' then return finish('cancelled') end
if status == 'queued' then
  local deadline = redis.call('ZSCORE', P .. ':deadlines', id)
  if deadline and tonumber(deadline) < tonumber(nowMs) then
    return finish('expired', 'JOB_EXPIRED', 'the job waited in the queue longer than its limit')
  end
end
if found[3] == '1' then
  local lost = redis.call('HINCRBY', hash, 'lost', 1)
  if lost >= tonumber(ARGV[4]) then
    local last = found[5] or 'its worker vanished'
    return finish('failed', 'WORKER_LOST', 'the process that ran the job died on each of ' .. lost .. ' attempts; the last one: ' .. last)
  end
end
redis.call('HSET', hash, 'token', token, 'open', 1, 'attempt', tonumber(found[6]) + 1, 'phase', '"loading"', 'device', ARGV[8])
if found[7] == 'null' then redis.call('HSET', hash, 'startedAt', cjson.encode(at)) end
if status ~= 'running' then setStatus(id, status, 'running', nowMs) end
emit(id, ARGV[6], 'status', at, '{"status":"running","phase":"loading","attempt":' .. (tonumber(found[6]) + 1) .. '}')
return { 'run', redis.call('HGETALL', hash) }
`);

/**
 * id, token, events kept, event type or '', at, data, field, value, ... -> the status, or nil when another attempt owns the job.
 * A status event gets the status as it is at this moment: data is an object with at least one entry.
 */
export const reportScript = define(`
local id = ARGV[1]
local status = owned(id, ARGV[2])
if not status then return nil end
setFields(id, 7)
if ARGV[4] == 'status' then
  emit(id, ARGV[3], 'status', ARGV[5], '{"status":"' .. status .. '",' .. string.sub(ARGV[6], 2))
elseif ARGV[4] ~= '' then
  emit(id, ARGV[3], ARGV[4], ARGV[5], ARGV[6])
end
return status
`);

/** id, token, pointer -> the status and the pointers that were dropped, or nil. The one before the newest is kept, in case that one cannot be read. */
export const checkpointScript = define(`
local id = ARGV[1]
local status = owned(id, ARGV[2])
if not status then return nil end
-- a command that is repeated after a reconnection changes nothing
if redis.call('LINDEX', key('checkpoints', id), 0) ~= ARGV[3] then redis.call('LPUSH', key('checkpoints', id), ARGV[3]) end
local dropped = redis.call('LRANGE', key('checkpoints', id), 2, -1)
redis.call('LTRIM', key('checkpoints', id), 0, 1)
return { status, unpack(dropped) }
`);

/** An attempt ends without a verdict. id, token, '1' when it counts as lost, reason -> 1, or 0 when it did not own the job */
export const releaseScript = define(`
local id = ARGV[1]
if not owned(id, ARGV[2]) then return 0 end
redis.call('HDEL', key('job', id), 'token')
redis.call('HSET', key('job', id), 'open', ARGV[3], 'lastLoss', ARGV[4])
return 1
`);

/** Puts unfinished jobs that BullMQ does not know into the outbox. now, bull prefix, id, ... -> how many */
export const adoptScript = define(`
local count = 0
for i = 3, #ARGV do
  local found = redis.call('HMGET', key('job', ARGV[i]), 'status', 'execution')
  if found[1] and not terminal[found[1]] then
    local member = ARGV[i] .. '.' .. found[2]
    if redis.call('EXISTS', ARGV[2] .. member) == 0 then
      count = count + redis.call('ZADD', P .. ':outbox', 'NX', ARGV[1], member)
    end
  end
end
return count
`);

/** Runs a script by its digest; the source travels only when the server does not know it. */
export async function runScript(
  redis: Redis,
  script: Script,
  prefix: string,
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, 1, prefix, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(script.source, 1, prefix, ...args);
  }
}
