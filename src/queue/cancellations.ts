/** Who wants a running job to stop, heard in every process: the script that moves a job to `cancelling` publishes its id. */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

export interface Cancellations {
  /** Calls back when the job is cancelled from now on. A message can be lost with a connection: the status in the record is the truth. */
  onCancel(jobId: string, listener: () => void): () => void;
  close(): void;
}

/** `subscriber` is a connection of its own: a subscribed one can do nothing else. */
export function createCancellations(subscriber: Redis, keys: Keys): Cancellations {
  const listeners = new Map<string, Set<() => void>>();
  subscriber.on('message', (_channel: string, jobId: string) => {
    for (const listener of listeners.get(jobId) ?? []) listener();
  });
  // ioredis subscribes again after every reconnection.
  subscriber.subscribe(keys.cancelChannel).catch(() => {});
  return {
    onCancel(jobId, listener) {
      const group = listeners.get(jobId) ?? new Set();
      listeners.set(jobId, group.add(listener));
      return () => {
        group.delete(listener);
        if (group.size === 0) listeners.delete(jobId);
      };
    },
    close: () => subscriber.disconnect(),
  };
}
