/** One follower of one job. Events up to the cursor of the shared reader are read by XRANGE; later ones come from the shared reader. */

import { firstEventId, isAfter } from '../contract/event-id.ts';
import type { JobEvent } from '../contract/job-state.ts';
import type { AppError } from '../errors.ts';
import type { RedisClient } from './connection.ts';
import type { Keys } from './keys.ts';
import { guarded } from './redis-errors.ts';
import { decodeEvents, type StreamEntry } from './stream.ts';
import type { Follower, StreamReader } from './stream-reader.ts';

const batch = 500;

export type Follow = (
  jobId: string,
  after: string,
  onEvent: (event: JobEvent) => void,
  signal: AbortSignal,
) => Promise<void>;

export function createFollow(redis: RedisClient, reader: StreamReader, keys: Keys): Follow {
  /** Events that are kept after `after`, and the id of the last one of all. */
  const kept = (jobId: string, after: string) =>
    guarded(async () => {
      const name = keys.events(jobId);
      const replies = await redis
        .pipeline()
        .xrange(name, `(${after}`, '+', 'COUNT', batch)
        .xrevrange(name, '+', '-', 'COUNT', 1)
        .exec();
      const [events = [], last = []] = (replies ?? []).map(([error, entries]) => {
        if (error !== null) throw error;
        return entries as StreamEntry[];
      });
      return { events: decodeEvents(events), end: last[0]?.[0] ?? firstEventId };
    });

  /** Resolves when the signal aborts; rejects when the job's stream ends before. */
  async function listen(jobId: string, from: string, onEvent: (event: JobEvent) => void, signal: AbortSignal) {
    let leave = () => {};
    let stop = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        stop = resolve;
        signal.addEventListener('abort', stop, { once: true });
        const follower: Follower = { onEvent, onEnd: (error: AppError) => reject(error) };
        leave = reader.join(jobId, from, follower);
      });
    } finally {
      signal.removeEventListener('abort', stop);
      leave();
    }
  }

  return async (jobId, after, onEvent, signal) => {
    let last = after;
    const pass = (event: JobEvent) => {
      if (signal.aborted || !isAfter(event.id, last)) return;
      last = event.id;
      onEvent(event);
    };
    while (!signal.aborted) {
      const before = reader.position(jobId) ?? firstEventId;
      const { events, end } = await kept(jobId, last);
      // A cursor beyond the end names no event, of this stream at least: the follower begins at the end.
      if (isAfter(last, end)) last = end;
      for (const event of events) pass(event);
      if (events.length === batch || signal.aborted) continue;
      // The reader has passed an event that was not there yet, unless the stream was emptied since: then nothing lies in between.
      if (isAfter(reader.position(jobId) ?? last, last) && !isAfter(before, end)) continue;
      // No wait between the look at the position and the entry: nothing can come between.
      return listen(jobId, last, pass, signal);
    }
  };
}
