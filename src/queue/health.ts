/** Whether Redis serves this project: it takes a write now, as the primary, under settings that lose no job. */
import { Cluster } from 'ioredis';
import { AppError } from '../errors.ts';
import type { RedisClient } from './connection.ts';
import type { Keys } from './keys.ts';
import { guarded } from './redis-errors.ts';

export interface QueueHealth {
  /** Null: it serves. */
  readonly problem: AppError | null;
  /** Settings of the server under which jobs can be lost, as sentences with their remedy. */
  readonly warnings: readonly string[];
}

const heartbeatLifetimeMs = 60_000;

interface ServerState {
  readonly role: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly isAppendOnly: boolean | undefined;
}

/** What INFO says. Hosted servers allow it more often than CONFIG. */
function parseInfo(info: string): ServerState {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const append = value('aof_enabled');
  return {
    role: value('role'),
    evictionPolicy: value('maxmemory_policy'),
    isAppendOnly: append === undefined ? undefined : append === '1',
  };
}

async function statesOf(redis: RedisClient): Promise<ServerState[]> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  // A user may be forbidden to ask.
  const infos = await Promise.all(servers.map((server) => server.info().catch(() => '')));
  return infos.map(parseInfo);
}

function weaknessesOf(states: readonly ServerState[]): string[] {
  const found = states.flatMap(({ evictionPolicy, isAppendOnly }) => [
    ...(evictionPolicy === undefined || evictionPolicy === 'noeviction'
      ? []
      : [`maxmemory-policy of Redis is ${evictionPolicy}: jobs may be evicted; set it to noeviction`]),
    ...(isAppendOnly === false ? ['appendonly of Redis is no: its restart loses jobs; set it to yes'] : []),
  ]);
  return [...new Set(found)];
}

/** Never rejects; takes about as long as the time limit of the connection at most. */
export async function checkHealth(redis: RedisClient, keys: Keys, name: string): Promise<QueueHealth> {
  try {
    return await guarded(async () => {
      await redis.set(keys.heartbeat(name), Date.now(), 'PX', heartbeatLifetimeMs);
      const states = await statesOf(redis);
      const other = states.find(({ role }) => role !== undefined && role !== 'master')?.role;
      const message = `Redis is a ${other} and not the primary: what it takes is lost`;
      return {
        problem: other === undefined ? null : new AppError('QUEUE_UNAVAILABLE', message, { permanent: false }),
        warnings: weaknessesOf(states),
      };
    });
  } catch (error) {
    if (error instanceof AppError) return { problem: error, warnings: [] };
    throw error;
  }
}
