/** Asking until something is over, by requests that the service answers late. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: for ever. */
  readonly timeoutMs?: number;
}

const longPollSeconds = 30;

/** Calls `ask` with the seconds that the service may take, until `isOver` or the time is over; gives the last answer. */
export async function longPoll<T>(
  ask: (seconds: number) => Promise<T>,
  isOver: (answer: T) => boolean,
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let longest = longPollSeconds;
  for (;;) {
    const left = Math.max(0, end - performance.now());
    const started = performance.now();
    try {
      const answer = await ask(Math.min(longest, Math.floor(left / 1000)));
      if (isOver(answer) || performance.now() >= end) return answer;
    } catch (error) {
      // This server's long polls are shorter (MAX_WAIT_SECONDS): ask without.
      if (longest === 0 || !(error instanceof AppError) || error.code !== 'INVALID_INPUT') throw error;
      longest = 0;
      continue;
    }
    // An answer that came at once is not asked for again in a tight loop.
    const pause = Math.min(1000, end - performance.now());
    if (performance.now() - started < 500 && pause > 0) await sleep(pause, undefined, signal ? { signal } : {});
  }
}
