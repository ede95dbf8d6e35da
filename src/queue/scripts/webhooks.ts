/** Scripts that change webhooks and their deliveries. */
import { define } from './script.ts';

/** Attempts that are kept of each delivery. */
const keptAttempts = 20;
/** Webhooks of one API key. */
const maxWebhooks = 10;

/** Arguments: owner, id, webhook. Returns 1; nil when the owner already has the largest number of webhooks. */
export const addWebhookScript = define(`
local webhooks = key('webhooks', ARGV[4])
if redis.call('HLEN', webhooks) >= ${maxWebhooks} then return nil end
return redis.call('HSET', webhooks, ARGV[5], ARGV[6])
`);

/** Arguments: job, delivery. Returns 1; nil when the job has no delivery of that id. */
export const redeliverScript = define(`
local delivery = key('delivery', ARGV[5])
if redis.call('HGET', delivery, 'job') ~= ARGV[4] then return nil end
redis.call('ZREM', P .. ':due', ARGV[5] .. '.' .. redis.call('HGET', delivery, 'round'))
redis.call('HSET', delivery, 'status', 'pending', 'tries', 0, 'nextAttemptAt', at)
dueFrom(ARGV[5], redis.call('HINCRBY', delivery, 'round', 1), nowMs)
return 1
`);

/** Arguments: delivery, round, attempt (JSON), status, time of the next attempt or ''. Returns 1; nil when the delivery was removed or a new round has begun. */
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
