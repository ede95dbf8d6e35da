/**
 * Who is next: start-time fair queueing over owners (Goyal, Vin, Cheng, SIGCOMM 1996), one line of jobs for each owner and queue.
 *
 *   start of a ticket  = max(V, finish of its owner),  finish of its owner = start + 1,  V = start of the ticket that was taken last
 *
 * Every queued job brings one ticket; BullMQ orders the tickets by their start. A worker that takes a ticket gets the first job of the owner's line, which is
 * ordered by priority class and then by age. So owners with waiting jobs are served in turn, whatever each of them has queued, and a class decides among the
 * jobs of one owner only. Owners whose line is empty lose no turn and gain none.
 */

/** BullMQ's largest priority is 2^21, and 0 would be served before all others. */
const lastStart = 2 ** 21 - 2;

export const fairLua = `
-- Returns the owner's name as it is written in keys, the queue, and the rank of the priority class.
local function placeOf(id)
  local found = redis.call('HMGET', key('job', id), 'owner', 'queue', 'rank')
  return cjson.decode(found[1]), found[2], found[3]
end

local function whole(number) return string.format('%.0f', number) end

-- Puts a job into the line of its owner, and creates one more ticket of that owner.
local function enqueue(id, deadlineMs)
  local owner, queue, rank = placeOf(id)
  local ticket = id .. '.' .. redis.call('HGET', key('job', id), 'execution')
  local waiting, finish, clock = key('waiting', queue), key('finish', queue), key('clock', queue)
  if redis.call('EXISTS', waiting) == 0 then redis.call('DEL', finish, clock) end
  local now = tonumber(redis.call('GET', clock) or 0)
  redis.call('ZREMRANGEBYSCORE', finish, '-inf', now)
  local start = math.min(math.max(now, tonumber(redis.call('ZSCORE', finish, owner) or 0)), ${lastStart})
  redis.call('ZADD', finish, start + 1, owner)
  -- Among equal starts the ticket that was created first comes first.
  local score = whole(start * 4294967296 + redis.call('INCR', P .. ':sequence') % 4294967296)
  redis.call('ZADD', waiting, score, ticket)
  redis.call('ZADD', key('slots', queue) .. ':' .. owner, score, ticket)
  redis.call('ZADD', key('line', queue) .. ':' .. owner, rank, id)
  redis.call('HSET', P .. ':tickets', ticket, queue .. ' ' .. whole(start) .. ' ' .. owner)
  redis.call('ZADD', key('unfinished', queue), 0, id)
  redis.call('ZADD', P .. ':deadlines', deadlineMs, id)
  redis.call('ZADD', P .. ':outbox', nowMs, ticket)
end

-- Takes a job that no worker has begun out of the line of its owner, and removes the last ticket of that owner. Returns that ticket and its queue.
local function leave(id)
  local owner, queue = placeOf(id)
  redis.call('ZREM', P .. ':deadlines', id)
  if redis.call('ZREM', key('line', queue) .. ':' .. owner, id) == 0 then return nil end
  local slots = key('slots', queue) .. ':' .. owner
  local ticket = redis.call('ZRANGE', slots, -1, -1)[1]
  if not ticket then return nil end
  local start = string.match(redis.call('HGET', P .. ':tickets', ticket), '^%S+ (%d+)')
  redis.call('ZREM', slots, ticket)
  redis.call('ZREM', key('waiting', queue), ticket)
  redis.call('ZREM', P .. ':outbox', ticket)
  redis.call('HDEL', P .. ':tickets', ticket)
  redis.call('ZADD', key('finish', queue), start, owner)
  return { ticket, queue }
end

-- Returns the job to which a ticket is bound: that of an earlier call, else the first of its owner's line; nil when there is none.
local function take(ticket)
  local taken = redis.call('HGET', P .. ':taken', ticket)
  if taken then return taken end
  local slot = redis.call('HGET', P .. ':tickets', ticket)
  if not slot then return nil end
  local queue, start, owner = string.match(slot, '^(%S+) (%d+) (.*)$')
  redis.call('ZREM', key('waiting', queue), ticket)
  redis.call('ZREM', key('slots', queue) .. ':' .. owner, ticket)
  local line = key('line', queue) .. ':' .. owner
  local id = redis.call('ZRANGE', line, 0, 0)[1]
  if not id then
    redis.call('HDEL', P .. ':tickets', ticket)
    return nil
  end
  redis.call('ZREM', line, id)
  local clock = key('clock', queue)
  if tonumber(start) > tonumber(redis.call('GET', clock) or 0) then redis.call('SET', clock, start) end
  redis.call('HSET', P .. ':taken', ticket, id)
  redis.call('HSET', key('job', id), 'ticket', ticket)
  return id
end

-- Forgets the ticket to which the job is bound: the job will not be run under it again.
local function giveBack(id)
  local ticket = redis.call('HGET', key('job', id), 'ticket')
  if not ticket then return end
  redis.call('HDEL', P .. ':tickets', ticket)
  redis.call('HDEL', P .. ':taken', ticket)
  redis.call('HDEL', key('job', id), 'ticket')
end
`;
