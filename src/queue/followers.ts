/**
 * Many followers, one connection: a single XREAD waits on the streams of all followed jobs. A new stream interrupts it (CLIENT UNBLOCK), so that the next
 * one waits on that stream too.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { JobEvent } from '../contract/job-state.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { decodeEvents, isAfter, type StreamEntry } from './stream.ts';

type Listener = (event: JobEvent) => void;

interface Followed {
  /** The last event that was read. */
  cursor: string;
  readonly listeners: Set<Listener>;
}

/** Bounds how long a lost interruption can delay a new follower. */
const blockMs = 2000;
const retryMs = 250;
const batch = 500;
/** Calls of listeners in one turn of the event loop, some milliseconds. */
const callsOfTurn = 1000;

export interface Followers {
  follow(jobId: string, after: string, onEvent: Listener, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createFollowers(redis: Redis, blocking: Redis, keys: Keys): Followers {
  const followed = new Map<string, Followed>();
  let running = false;
  let closed = false;
  /** What the reader waits on now; a change to the set of streams makes it stale. */
  let stale = false;
  let connectionId: number | null = null;
  blocking.on('close', () => {
    connectionId = null;
  });

  async function readOnce(): Promise<void> {
    connectionId ??= await blocking.client('ID');
    const jobs = [...followed.keys()];
    const names = jobs.map(keys.events);
    const cursors = jobs.map((job) => (followed.get(job) as Followed).cursor);
    stale = false;
    const reply = (await blocking.xread('COUNT', batch, 'BLOCK', blockMs, 'STREAMS', ...names, ...cursors)) as
      | [string, StreamEntry[]][]
      | null;
    for (const [name, entries] of reply ?? [])
      await deliver(jobs[names.indexOf(name)] as string, decodeEvents(entries));
  }

  /** A thousand followers of five hundred events are much work at once: other requests get their turn in between. */
  async function deliver(job: string, events: readonly JobEvent[]): Promise<void> {
    const entry = followed.get(job);
    let calls = 0;
    for (const event of events) {
      // Followed anew in the meantime: the next read begins where that one wants.
      if (entry === undefined || followed.get(job) !== entry) return;
      if (!isAfter(event.id, entry.cursor)) continue;
      entry.cursor = event.id;
      for (const listener of [...entry.listeners]) listener(event);
      calls += entry.listeners.size;
      if (calls < callsOfTurn) continue;
      calls = 0;
      await nextTurn();
    }
  }

  async function run(): Promise<void> {
    running = true;
    while (followed.size > 0 && !closed) {
      // A server that is away: the cursors stay, nothing is missed.
      await readOnce().catch(() => (closed ? undefined : sleep(retryMs)));
    }
    running = false;
  }

  /** The reader may be between two reads: asked again until it has seen the change. */
  async function interrupt(): Promise<void> {
    stale = true;
    if (!running) {
      void run();
      return;
    }
    while (stale && running && !closed) {
      if (connectionId !== null) await redis.client('UNBLOCK', connectionId).catch(() => 0);
      await sleep(20);
    }
  }

  const kept = (jobId: string, after: string) =>
    guarded(async () => decodeEvents(await redis.xrange(keys.events(jobId), `(${after}`, '+', 'COUNT', batch)));

  return {
    async follow(jobId, after, onEvent, signal) {
      let last = after;
      const listener: Listener = (event) => {
        if (signal.aborted || !isAfter(event.id, last)) return;
        last = event.id;
        onEvent(event);
      };
      // What the others have seen is read apart. The last look and the entry into the list are one step: nothing can come between.
      let entry = followed.get(jobId);
      while (entry !== undefined && isAfter(entry.cursor, last) && !signal.aborted) {
        const events = await kept(jobId, last);
        for (const event of events) listener(event);
        // Nothing is left of what they have seen: it was trimmed.
        if (events.length === 0) last = entry.cursor;
        entry = followed.get(jobId);
      }
      if (entry === undefined) {
        entry = { cursor: last, listeners: new Set() };
        followed.set(jobId, entry);
        void interrupt();
      }
      entry.listeners.add(listener);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0 && followed.get(jobId) === entry) followed.delete(jobId);
    },
    close() {
      closed = true;
      blocking.disconnect();
    },
  };
}
