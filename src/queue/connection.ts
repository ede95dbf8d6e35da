/** Connections to Redis or Valkey: to one server, to the primary that sentinels know, or to a cluster, in the two ways this project needs them. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { withTimeLimit } from '../time-limit.ts';
import { unavailable, withoutCommand } from './redis-errors.ts';
import { type Address, type RedisTarget, redisTarget } from './redis-url.ts';
import { watchConnection } from './watch.ts';

export { guarded } from './redis-errors.ts';

export type RedisClient = Redis | Cluster;

export interface ConnectionOptions {
  /** As REDIS_URL: queue/redis-url.ts. */
  readonly url: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** First part of every key: QUEUE_PREFIX. */
  readonly prefix: string;
  /** A connection on which nothing comes back for this long is dropped and made anew. */
  readonly timeoutMs: number;
}

/** What a connection writes to the log. */
export interface ConnectionLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

interface Manner {
  /** Commands wait for a server that is away, and are sent again when the connection breaks before the answer. */
  readonly isPatient: boolean;
  /** The longest that a command of this connection may block, besides the time that the network takes. */
  readonly blocksMs: number;
}

const maxReconnectDelayMs = 1000;
/** How long a connection that is given up may take to close in order. */
const disconnectMs = 200;
const untilAnswered = 1_000_000;

/** A server that was the primary and is a replica now is left: the address may lead to another server. It may also not, so that this is not done in haste. */
function reconnection({ isPatient }: Manner) {
  let isReplica = false;
  return {
    reconnectOnError(error: Error): false | 1 | 2 {
      if (!/\bREADONLY\b/.test(error.message)) return false;
      isReplica = true;
      return isPatient ? 2 : 1;
    },
    delayMs(times: number): number {
      const delay = isReplica ? maxReconnectDelayMs : Math.min(times * 50, maxReconnectDelayMs);
      isReplica = false;
      return delay;
    },
  };
}

const byAddress = ({ host, port }: Address) => ({ host, port });

function create(target: RedisTarget, { name, timeoutMs }: ConnectionOptions, manner: Manner): RedisClient {
  const { reconnectOnError, delayMs } = reconnection(manner);
  const { username, password } = target;
  const shared = {
    username,
    password,
    ...(target.tls ? { tls: {} } : {}),
    connectionName: name,
    protocol: 2,
    connectTimeout: timeoutMs,
    disconnectTimeout: disconnectMs,
    maxRetriesPerRequest: manner.isPatient ? null : 0,
    reconnectOnError,
  } as const satisfies RedisOptions;
  if (target.kind === 'cluster') {
    return new Cluster(target.nodes.map(byAddress), {
      redisOptions: shared,
      enableOfflineQueue: manner.isPatient,
      clusterRetryStrategy: delayMs,
      slotsRefreshTimeout: timeoutMs,
      // A certificate names hosts: they are not resolved to addresses before.
      ...(target.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
      ...(manner.isPatient ? { maxRedirections: untilAnswered } : {}),
    });
  }
  const single = { ...shared, enableOfflineQueue: manner.isPatient, retryStrategy: delayMs, db: target.db };
  if (target.kind === 'socket') return new Redis({ ...single, path: target.path });
  if (target.kind === 'server') return new Redis({ ...single, ...byAddress(target.address) });
  const { username: sentinelUsername, password: sentinelPassword } = target.sentinelCredentials;
  return new Redis({
    ...single,
    sentinels: target.sentinels.map(byAddress),
    name: target.name,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelRetryStrategy: delayMs,
    sentinelCommandTimeout: timeoutMs,
  });
}

function connect(options: ConnectionOptions, manner: Manner, log: ConnectionLog): Redis {
  const redis = create(redisTarget(options.url, options.prefix), options, manner);
  let away = false;
  // Without a listener ioredis prints to the console; one line for each outage is enough.
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ err: withoutCommand(error), connection: options.name }, 'redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({ connection: options.name }, 'redis is back');
    away = false;
  });
  watchConnection(redis, {
    key: options.prefix,
    limitMs: options.timeoutMs + manner.blocksMs,
    onDrop: (reason) => log.warn({ connection: options.name, reason }, 'a connection to redis is made anew'),
  });
  return redis as Redis;
}

/** For requests: a command that cannot be answered in time fails, nothing waits for a server that is away. */
export const connectFailFast = (options: ConnectionOptions, log: ConnectionLog): Redis =>
  connect(options, { isPatient: false, blocksMs: 0 }, log);

/** For workers: a command waits until the server is back. `blocksMs`: how long commands of this connection block at most. */
export const connectPatient = (options: ConnectionOptions, log: ConnectionLog, blocksMs = 0): Redis =>
  connect(options, { isPatient: true, blocksMs }, log);

/** Waits for the first connection. Throws QUEUE_UNAVAILABLE. */
export async function waitUntilReady(redis: RedisClient, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  await withTimeLimit(ready, timeoutMs).catch((error: unknown) => {
    throw unavailable(error);
  });
}
