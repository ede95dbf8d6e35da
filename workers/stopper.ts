/** Ends a child process, by request or by force, and remembers the reason. */
import type { Child } from './child.ts';
import type { FromChild, ToChild } from './messages.ts';

/** 'lost': the attempt no longer owns the job. 'hung': no progress. 'memory': the memory limit was exceeded. */
export type StopReason = 'cancelled' | 'paused' | 'expired' | 'drained' | 'hung' | 'lost' | 'memory';
export type LastMessage = Extract<FromChild, { type: 'done' | 'stopped' | 'failed' }>;

/** What a child that is asked to stop writes before it ends. */
type Leave = Extract<ToChild, { type: 'stop' }>['leave'];

export interface Stopper {
  /** Asks once; kills the process after the grace time. */
  stop(why: StopReason, graceMs: number, leave?: Leave): void;
  /** Kills the process at once, whatever was requested before. */
  kill(why: StopReason): void;
  /** Called when the child has sent its last message and exits by itself. */
  ending(last: LastMessage): void;
  reason(): StopReason | null;
  last(): LastMessage | null;
  dispose(): void;
}

/** Time in milliseconds after which a child that has sent its last message and does not exit is killed. */
const exitMs = 2000;

export function createStopper(child: Child): Stopper {
  let reason: StopReason | null = null;
  let last: LastMessage | null = null;
  let killer: NodeJS.Timeout | undefined;
  const killAfter = (delayMs: number) => {
    clearTimeout(killer);
    killer = setTimeout(() => child.kill(), delayMs);
  };
  return {
    stop(why, graceMs, leave = 'nothing') {
      if (reason !== null || last !== null) return;
      reason = why;
      child.send({ type: 'stop', leave });
      killAfter(graceMs);
    },
    kill(why) {
      reason = why;
      child.kill();
    },
    ending(message) {
      last = message;
      killAfter(exitMs);
    },
    reason: () => reason,
    last: () => last,
    dispose: () => clearTimeout(killer),
  };
}
