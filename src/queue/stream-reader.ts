/**
 * One connection reads the event streams of all jobs that are followed in this process: a single XREAD waits on them together.
 *
 * A stream of this process alone is among them, and an entry in it ends the wait when a job is added. All cursors are ids that Redis has given, never a
 * client's. A job whose record is gone, or whose stream cannot be read, ends for its own followers only.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { firstEventId, isAfter } from '../contract/event-id.ts';
import type { JobEvent } from '../contract/job-state.ts';
import { AppError, toAppError } from '../errors.ts';
import type { ConnectionLog, RedisClient } from './connection.ts';
import type { Keys } from './keys.ts';
import { isRefusal, isReply, withoutCommand } from './redis-errors.ts';
import { decodeEvents, type StreamEntry } from './stream.ts';

export interface Follower {
  onEvent(event: JobEvent): void;
  /** No event comes any more. */
  onEnd(error: AppError): void;
}

export interface StreamReader {
  /** The last event that was read of a job's stream; undefined while it has no follower in this process. */
  position(jobId: string): string | undefined;
  /** Adds a follower; when it is the job's first one, reading begins after the event `from`. Returns how to leave. */
  join(jobId: string, from: string, follower: Follower): () => void;
  close(): void;
}

export interface StreamReaderDependencies {
  readonly redis: RedisClient;
  /** A connection of its own: it waits for events most of the time. */
  readonly blocking: RedisClient;
  readonly keys: Keys;
  readonly log: ConnectionLog;
}

interface Followed {
  cursor: string;
  readonly followers: Set<Follower>;
}

/** Bounds how late a lost wake-up and the loss of a record are noticed. */
export const blockMs = 1000;
const retryMs = 250;
const batch = 500;
/** Calls of followers in one turn of the event loop, some milliseconds. */
const callsOfTurn = 1000;
const wakeLifetimeMs = 60_000;

export function createStreamReader({ redis, blocking, keys, log }: StreamReaderDependencies): StreamReader {
  const followed = new Map<string, Followed>();
  const wakeKey = keys.wake(randomUUID());
  let wakeCursor = firstEventId;
  let running = false;
  let closed = false;
  /** A job was added since the current read began. */
  let stale = false;
  let failing = false;
  let checkedAt = 0;

  async function readOnce(): Promise<void> {
    const jobs = [...followed.keys()];
    const cursors = jobs.map((job) => followed.get(job)?.cursor ?? firstEventId);
    const names = [...jobs.map(keys.events), wakeKey];
    stale = false;
    const options = ['COUNT', batch, 'BLOCK', blockMs, 'STREAMS'] as const;
    const reply = (await blocking.xread(...options, ...names, ...cursors, wakeCursor)) as
      | [string, StreamEntry[]][]
      | null;
    for (const [name, entries] of reply ?? []) {
      if (name === wakeKey) wakeCursor = entries.at(-1)?.[0] ?? wakeCursor;
      else await deliver(jobs[names.indexOf(name)] as string, decodeEvents(entries));
    }
  }

  /** A thousand followers of five hundred events are much work at once: other requests get their turn in between. */
  async function deliver(job: string, events: readonly JobEvent[]): Promise<void> {
    const entry = followed.get(job);
    let calls = 0;
    for (const event of events) {
      // The job was followed anew in the meantime: the next read begins at the cursor of that follower.
      if (entry === undefined || followed.get(job) !== entry) return;
      if (!isAfter(event.id, entry.cursor)) continue;
      entry.cursor = event.id;
      for (const follower of [...entry.followers]) follower.onEvent(event);
      calls += entry.followers.size;
      if (calls < callsOfTurn) continue;
      calls = 0;
      await nextTurn();
    }
  }

  function end(job: string, error: AppError): void {
    const entry = followed.get(job);
    followed.delete(job);
    for (const follower of [...(entry?.followers ?? [])]) follower.onEnd(error);
  }

  /** Jobs that were removed, or lost with the data of the server, have no further event. */
  async function endRemoved(): Promise<void> {
    if (performance.now() - checkedAt < blockMs) return;
    checkedAt = performance.now();
    const jobs = [...followed.keys()];
    const replies = await jobs.reduce((pipeline, job) => pipeline.exists(keys.job(job)), redis.pipeline()).exec();
    for (const [at, [error, count]] of (replies ?? []).entries()) {
      const job = jobs[at];
      if (error === null && count === 0 && job !== undefined)
        end(job, new AppError('JOB_NOT_FOUND', `job ${job} is gone: it was removed, or Redis has lost its data`));
    }
  }

  /** One stream that cannot be read fails the read of all: each is tried alone. */
  async function endUnreadable(): Promise<void> {
    for (const job of [...followed.keys()]) {
      const failure: unknown = await redis.xrange(keys.events(job), '-', '+', 'COUNT', 1).then(
        () => null,
        (error: unknown) => error,
      );
      if (!isReply(failure) || isRefusal(failure)) continue;
      log.warn({ err: withoutCommand(failure), jobId: job }, 'the events of a job cannot be read');
      end(job, toAppError(failure));
    }
  }

  async function recover(error: unknown): Promise<void> {
    if (closed) return;
    // A server that is away: the cursors stay, nothing is missed.
    if (!failing) log.warn({ err: withoutCommand(error) }, 'events cannot be read');
    failing = true;
    if (isReply(error) && !isRefusal(error)) await endUnreadable();
    await sleep(retryMs);
  }

  async function run(): Promise<void> {
    running = true;
    while (followed.size > 0 && !closed) {
      try {
        await readOnce();
        if (failing) log.info({}, 'events are read again');
        failing = false;
        await endRemoved();
      } catch (error) {
        await recover(error);
      }
    }
    running = false;
  }

  function wake(): void {
    if (!running) void run();
    else if (!stale) {
      stale = true;
      const pipeline = redis.pipeline().xadd(wakeKey, 'MAXLEN', 1, '*', 'wake', '1').pexpire(wakeKey, wakeLifetimeMs);
      // When it is lost, the wait ends by itself after `blockMs`.
      pipeline.exec().catch(() => {});
    }
  }

  return {
    position: (jobId) => followed.get(jobId)?.cursor,
    join(jobId, from, follower) {
      const entry: Followed = followed.get(jobId) ?? { cursor: from, followers: new Set() };
      entry.followers.add(follower);
      if (!followed.has(jobId)) {
        followed.set(jobId, entry);
        wake();
      }
      return () => {
        entry.followers.delete(follower);
        if (entry.followers.size === 0 && followed.get(jobId) === entry) followed.delete(jobId);
      };
    },
    close() {
      closed = true;
      blocking.disconnect();
    },
  };
}
