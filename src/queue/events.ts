/** Events of jobs: one trimmed stream for each job, and one blocking connection that serves all followers of the process. */
import { firstEventId } from '../contract/event-id.ts';
import type { JobEvent } from '../contract/job-state.ts';
import type { JobEvents } from '../jobs/ports.ts';
import type { ConnectionLog, RedisClient } from './connection.ts';
import { createFollow } from './followers.ts';
import type { Keys } from './keys.ts';
import { guarded } from './redis-errors.ts';
import { decodeEvents } from './stream.ts';
import { createStreamReader } from './stream-reader.ts';

export interface RedisJobEvents extends JobEvents {
  close(): void;
}

export interface JobEventsOptions {
  readonly eventsPerJob: number;
}

/** Smaller than every id that Redis gives: a waiting job has no stream yet, its first event follows from its record. */
const queuedEventId = '0-1';

/** `blocking` is a connection of its own that never gives up: it waits for events most of the time. */
export function createJobEvents(
  redis: RedisClient,
  blocking: RedisClient,
  keys: Keys,
  { eventsPerJob }: JobEventsOptions,
  log: ConnectionLog,
): RedisJobEvents {
  const reader = createStreamReader({ redis, blocking, keys, log });
  const followStream = createFollow(redis, reader, keys);

  /** Streams are made at the first event after the creation: ten thousand waiting jobs have none. */
  async function queuedEvent(id: string): Promise<JobEvent[]> {
    const createdAt = await redis.hget(keys.job(id), 'createdAt');
    return createdAt === null
      ? []
      : [{ id: queuedEventId, type: 'status', at: JSON.parse(createdAt), data: { status: 'queued' } }];
  }

  const readFrom =
    (streamOf: (id: string) => string): JobEvents['read'] =>
    (id, after, limit) =>
      guarded(async () => {
        const first = after === '' ? await queuedEvent(id) : [];
        const reply = await redis.xrange(
          streamOf(id),
          after === '' ? '-' : `(${after}`,
          '+',
          'COUNT',
          Math.max(1, limit - first.length),
        );
        return [...first, ...decodeEvents(reply)].slice(0, limit);
      });

  return {
    read: readFrom(keys.events),
    readLog: readFrom(keys.log),
    lastId: (id) =>
      guarded(async () => {
        const [last] = await redis.xrevrange(keys.events(id), '+', '-', 'COUNT', 1);
        return last?.[0] ?? firstEventId;
      }),
    async append(id, { type, data }) {
      const fields = ['type', type, 'at', new Date().toISOString(), 'data', JSON.stringify(data)];
      await guarded(() => redis.xadd(keys.events(id), 'MAXLEN', '~', eventsPerJob, '*', ...fields));
    },
    async follow(id, after, onEvent, signal) {
      if (signal.aborted) return;
      if (after === '') for (const event of await guarded(() => queuedEvent(id))) onEvent(event);
      await followStream(id, after === '' ? queuedEventId : after, onEvent, signal);
    },
    close: reader.close,
  };
}
