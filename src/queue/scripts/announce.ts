/** Functions of deliveries to webhooks: they are stored in the step that changes a job's status, so that a crash loses none of them. */

export const announceLua = `
-- Returns the message of the job's present status. The fields of a record are stored as JSON and are put into the message as they are.
local function messageOf(id, event)
  local names = { 'method', 'comparison', 'attempt', 'createdAt', 'startedAt', 'finishedAt', 'error', 'metadata' }
  local values = redis.call('HMGET', key('job', id), 'status', unpack(names))
  local parts = { '"id":"' .. id .. '","status":"' .. values[1] .. '"' }
  for i, name in ipairs(names) do parts[#parts + 1] = '"' .. name .. '":' .. (values[i + 1] or 'null') end
  return '{"type":"' .. event .. '","timestamp":"' .. at .. '","data":{' .. table.concat(parts, ',') .. '}}'
end

local function wants(webhook, event)
  for _, wanted in ipairs(webhook.events) do if wanted == event then return true end end
  return false
end

-- Enters a delivery into the set of those that are due. The member is the id of the delivery and the number of its round.
local function dueFrom(delivery, round, timeMs) redis.call('ZADD', P .. ':due', timeMs, delivery .. '.' .. round) end

-- Stores one delivery for each webhook of the job and of its owner that is subscribed to the event of the status.
local function announce(id, owner, status)
  local event, webhooks = 'job.' .. status, redis.call('HGETALL', key('webhooks', owner))
  local own = redis.call('HGET', key('job', id), 'webhook')
  if own then
    webhooks[#webhooks + 1] = 'job'
    webhooks[#webhooks + 1] = own
  end
  for i = 1, #webhooks, 2 do
    local webhook = cjson.decode(webhooks[i + 1])
    if wants(webhook, event) then
      local delivery = 'msg_' .. string.sub(id, 5) .. '_' .. redis.call('HINCRBY', key('job', id), 'deliveries', 1)
      redis.call('HSET', key('delivery', delivery), 'job', id, 'owner', owner, 'webhook', webhooks[i], 'url', webhook.url, 'event', event,
        'body', messageOf(id, event), 'createdAt', at, 'status', 'pending', 'round', 1, 'tries', 0, 'nextAttemptAt', at)
      redis.call('RPUSH', key('deliveries', id), delivery)
      dueFrom(delivery, 1, nowMs)
    end
  end
end

local function removeDeliveries(id)
  for _, delivery in ipairs(redis.call('LRANGE', key('deliveries', id), 0, -1)) do
    redis.call('ZREM', P .. ':due', delivery .. '.' .. (redis.call('HGET', key('delivery', delivery), 'round') or ''))
    redis.call('DEL', key('delivery', delivery), key('attempts', delivery))
  end
  redis.call('DEL', key('deliveries', id))
end
`;
