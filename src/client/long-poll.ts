/** Long polling: the service delays each answer until something has happened or a time is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds; without it, waiting never ends. */
  readonly timeoutMs?: number;
}

const longPollSeconds = 30;

/** Calls `ask` with the longest time in seconds that the service may delay its answer, until `isOver` is true or the time is over; returns the last answer. */
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
      // The server's limit for long polls (MAX_WAIT_SECONDS) is lower: continue with ordinary requests.
      if (longest === 0 || !(error instanceof AppError) || error.code !== 'INVALID_INPUT') throw error;
      longest = 0;
      continue;
    }
    // After an answer without delay, wait before the next request, so that the loop does not spin.
    const pause = Math.min(1000, end - performance.now());
    if (performance.now() - started < 500 && pause > 0) await sleep(pause, undefined, signal ? { signal } : {});
  }
}
