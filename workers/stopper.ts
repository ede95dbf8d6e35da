/** Ends a child, gently or not, and remembers why. */
import type { Child } from './child.ts';
import type { FromChild, ToChild } from './messages.ts';

/** 'lost': the attempt no longer owns the job. 'hung': no progress. 'memory': it held more than it may. */
export type StopReason = 'cancelled' | 'paused' | 'expired' | 'drained' | 'hung' | 'lost' | 'memory';
export type LastMessage = Extract<FromChild, { type: 'done' | 'stopped' | 'failed' }>;

/** What a child that was asked to stop leaves behind. */
type Leave = Extract<ToChild, { type: 'stop' }>['leave'];

export interface Stopper {
  /** Asks once; kills after the grace time. */
  stop(why: StopReason, graceMs: number, leave?: Leave): void;
  /** At once, whatever was asked before. */
  kill(why: StopReason): void;
  /** The child has said its last word and exits by itself. */
  ending(last: LastMessage): void;
  reason(): StopReason | null;
  last(): LastMessage | null;
  dispose(): void;
}

/** For a child that has said its last word and does not exit. */
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
