/** Connections to Redis or Valkey, the three ways this project needs them, and what their failures are called. */
import { Redis } from 'ioredis';
import { AppError, toAppError } from '../errors.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
}

/** What a connection tells the log. */
export interface ConnectionLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

interface SpecialOptions {
  readonly enableOfflineQueue?: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
  readonly connectTimeout?: number;
}

const maxReconnectDelayMs = 1000;
const reconnectDelay = (times: number) => Math.min(times * 50, maxReconnectDelayMs);

function connect(options: ConnectionOptions, special: SpecialOptions, log: ConnectionLog): Redis {
  const redis = new Redis(options.url, {
    ...special,
    connectionName: options.name,
    retryStrategy: reconnectDelay,
    protocol: 2,
  });
  let away = false;
  // Without a listener ioredis prints to the console; one line for each outage is enough.
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ err: error, connection: options.name }, 'redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({ connection: options.name }, 'redis is back');
    away = false;
  });
  return redis;
}

/** For requests: a command that cannot be answered in time fails, nothing waits for a server that is away. */
export function connectFailFast(
  options: ConnectionOptions & { readonly timeoutMs: number },
  log: ConnectionLog,
): Redis {
  const { timeoutMs } = options;
  return connect(
    options,
    { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: timeoutMs, connectTimeout: timeoutMs },
    log,
  );
}

/** For workers: a command waits until the server is back. */
export function connectPatient(options: ConnectionOptions, log: ConnectionLog): Redis {
  return connect(options, { maxRetriesPerRequest: null }, log);
}

/** Waits for the first connection. Throws QUEUE_UNAVAILABLE. */
export async function waitUntilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(unavailable(new Error('no connection in time'))), timeoutMs);
      redis.once('ready', () => resolve());
    });
  } finally {
    clearTimeout(timer);
  }
}

const unavailable = (cause: unknown) =>
  new AppError('QUEUE_UNAVAILABLE', 'Redis cannot be reached or refuses writes; try again later', {
    cause,
    permanent: false,
  });

/** Replies of a server that is there and will not serve, or not yet. Any other reply is a bug of ours. */
const refusals =
  /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN|BUSY|UNBLOCKED|NOAUTH|WRONGPASS)\b/;

/** True for an answer of the server that says no; false for a connection that failed. */
export const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';
export const isRefusal = ({ message }: Error): boolean => refusals.test(message);

/** Runs a piece of work on Redis. Throws QUEUE_UNAVAILABLE when Redis is away, refuses or takes too long; what else goes wrong is INTERNAL. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!isReply(error) || isRefusal(error)) throw unavailable(error);
    throw toAppError(error);
  }
}

/** Settings of the server under which jobs could be lost, as sentences with their fix; empty when all is well or nothing may be asked. */
export async function weaknesses(redis: Redis): Promise<string[]> {
  const settings = new Map<string, string>();
  for (const name of ['maxmemory-policy', 'appendonly']) {
    // Hosted servers often refuse CONFIG.
    const [, value] = await redis.config('GET', name).then(
      (reply) => reply as string[],
      () => [],
    );
    if (value !== undefined) settings.set(name, value);
  }
  const found: string[] = [];
  const policy = settings.get('maxmemory-policy');
  if (policy !== undefined && policy !== 'noeviction')
    found.push(`maxmemory-policy is ${policy}: jobs may be evicted; set it to noeviction`);
  if (settings.get('appendonly') === 'no') found.push('appendonly is no: a restart of Redis loses jobs; set it to yes');
  return found;
}
