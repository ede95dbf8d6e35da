/** What is done to webhooks and their deliveries. */
import { define } from './script.ts';

/** Attempts that are kept of each delivery. */
const keptAttempts = 20;
/** Webhooks of one API key. */
const maxWebhooks = 10;

/** owner, id, webhook -> 1, or nil when the owner has as many as it may have */
export const addWebhookScript = define(`
local webhooks = key('webhooks', ARGV[4])
if redis.call('HLEN', webhooks) >= ${maxWebhooks} then return nil end
return redis.call('HSET', webhooks, ARGV[5], ARGV[6])
`);

/** job, delivery -> 1, or nil when the job has none of that id */
export const redeliverScript = define(`
local delivery = key('delivery', ARGV[5])
if redis.call('HGET', delivery, 'job') ~= ARGV[4] then return nil end
redis.call('ZREM', P .. ':due', ARGV[5] .. '.' .. redis.call('HGET', delivery, 'round'))
redis.call('HSET', delivery, 'status', 'pending', 'tries', 0, 'nextAttemptAt', at)
dueFrom(ARGV[5], redis.call('HINCRBY', delivery, 'round', 1), nowMs)
return 1
`);

/** delivery, round, attempt (JSON), status, time of the next attempt or '' -> 1, or nil when the delivery is gone or was asked for anew */
export const recordDeliveryScript = define(`
local delivery = key('delivery', ARGV[4])
if redis.call('HGET', delivery, 'round') ~= ARGV[5] then return nil end
redis.call('RPUSH', key('attempts', ARGV[4]), ARGV[6])
redis.call('LTRIM', key('attempts', ARGV[4]), -${keptAttempts}, -1)
redis.call('HINCRBY', delivery, 'tries', 1)
redis.call('HSET', delivery, 'status', ARGV[7], 'nextAttemptAt', ARGV[8])
if ARGV[8] == '' then redis.call('ZREM', P .. ':due', ARGV[4] .. '.' .. ARGV[5]) end
return 1
`);
