/** What the scripts publish for workers, heard in every process: jobs that shall stop, queues that got work. Messages are lost with a connection; records are the truth. */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

export interface Announcements {
  /** Calls back when the job shall stop from now on, because it is cancelled or paused. */
  onStop(jobId: string, listener: () => void): () => void;
  /** Calls back when any queue may have got work. */
  onWork(listener: () => void): () => void;
  close(): void;
}

/** `subscriber` is a connection of its own: a subscribed one can do nothing else. */
export function createAnnouncements(subscriber: Redis, keys: Keys): Announcements {
  const stopping = new Map<string, Set<() => void>>();
  const working = new Set<() => void>();
  subscriber.on('message', (channel: string, message: string) => {
    const listeners = channel === keys.workChannel ? working : stopping.get(message);
    for (const listener of listeners ?? []) listener();
  });
  // ioredis subscribes again after every reconnection.
  subscriber.subscribe(keys.stopChannel, keys.workChannel).catch(() => {});
  return {
    onStop(jobId, listener) {
      const group = stopping.get(jobId) ?? new Set();
      stopping.set(jobId, group.add(listener));
      return () => {
        group.delete(listener);
        if (group.size === 0) stopping.delete(jobId);
      };
    },
    onWork(listener) {
      working.add(listener);
      return () => void working.delete(listener);
    },
    close: () => subscriber.disconnect(),
  };
}
