/**
 * Everything that changes a record is Lua: each script is one atomic step, so that no crash leaves half of it and no two processes interleave.
 *
 * KEYS[1] is the prefix: the other keys are built from it (../keys.ts), in the same hash slot when it has braces. Every script begins with the same three
 * arguments, which `runScript` gives: the time in milliseconds, the same as ISO 8601, and how many events a job keeps.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { guarded } from '../connection.ts';
import { announceLua } from './announce.ts';
import { fairLua } from './fair.ts';
import { lifeLua } from './life.ts';

export interface Script {
  readonly source: string;
  readonly sha1: string;
}

/** A script's own arguments begin with ARGV[4]. */
const head = `
local P = KEYS[1]
local nowMs, at, keptEvents = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local function key(name, id) return P .. ':' .. name .. ':' .. id end
`;

/** A script in whose scope are the functions of fair.ts, announce.ts and life.ts. */
export const define = (body: string): Script => {
  const source = `${head}${fairLua}${announceLua}${lifeLua}${body}`;
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
};

export type Argument = string | number | Buffer;

export type RunScript = (script: Script, ...args: readonly Argument[]) => Promise<unknown>;

/** Runs scripts by their digests; the source travels only when the server does not know it. Rejects with QUEUE_UNAVAILABLE. */
export function createRunScript(redis: Redis, prefix: string, eventsPerJob: number): RunScript {
  return (script, ...args) =>
    guarded(async () => {
      const now = new Date();
      const all = [prefix, now.getTime(), now.toISOString(), eventsPerJob, ...args];
      try {
        return await redis.evalsha(script.sha1, 1, ...all);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return redis.eval(script.source, 1, ...all);
      }
    });
}
