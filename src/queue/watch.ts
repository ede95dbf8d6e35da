/**
 * Notices connections that are of no use: open ones on which nothing comes back (a proxy or a network that lost them, a server that hangs), and such to a
 * server that has become a replica. They are dropped; ioredis makes them anew, asking sentinels and resolving names again.
 *
 * Every connection is asked something cheap, again and again. Time is counted in turns of the timer, so that a blocked event loop, which leaves answers unread,
 * is not taken for a server that does not answer.
 */
import { Cluster, type Redis } from 'ioredis';
import { isReply } from './redis-errors.ts';

export interface WatchOptions {
  /** A key in the hash slot that is used: it leads to the node of a cluster that has it. */
  readonly key: string;
  /** Longest time without an answer. */
  readonly limitMs: number;
  onDrop(reason: string): void;
}

const ticksOfLimit = 4;

/** Asks what every server answers. Null: it serves. In a cluster the node that is asked passes the question on when it is no primary. */
async function ask(redis: Redis | Cluster, key: string): Promise<string | null> {
  if (redis instanceof Cluster) await redis.exists(key);
  else if (redis.mode === 'subscriber') await redis.ping();
  else {
    const [role] = await redis.role();
    if (role !== 'master') return `the server has become a ${String(role)}`;
  }
  return null;
}

export function watchConnection(redis: Redis | Cluster, { key, limitMs, onDrop }: WatchOptions): void {
  let silentTicks = 0;
  let isAsking = false;

  const drop = (reason: string) => {
    silentTicks = 0;
    onDrop(reason);
    redis.disconnect(true);
  };

  const question = async () => {
    isAsking = true;
    try {
      const problem = await ask(redis, key);
      silentTicks = 0;
      if (problem !== null) drop(problem);
    } catch (error) {
      // An error that the server answers is an answer: it may forbid the question.
      if (isReply(error)) silentTicks = 0;
    } finally {
      isAsking = false;
    }
  };

  const timer = setInterval(() => {
    // What is not open has a time limit of its own.
    if (redis.status !== 'ready' && redis.status !== 'connect') {
      silentTicks = 0;
      return;
    }
    silentTicks += 1;
    if (silentTicks > ticksOfLimit) drop(`nothing came back for ${limitMs} ms`);
    else if (redis.status === 'ready' && !isAsking) void question();
  }, limitMs / ticksOfLimit);
  timer.unref();
  redis.once('end', () => clearInterval(timer));
}
