/**
 * Decides when a worker process ends by itself: after a number of attempts at jobs over all of its devices, or after a time in which no device had
 * work. An orchestrator that starts one process per job sets the first limit to 1, and the second one for processes whose job was taken by another
 * process.
 */
import type { Turn } from '../src/queue/index.ts';

export interface Allowance {
  /** Called before a device requests a job. Null: it must not take one now. */
  turn(): Turn | null;
  stop(): void;
}

export interface AllowanceOptions {
  /** Most attempts; 0: no limit. */
  readonly maxJobs: number;
  /** Longest time without work; 0: no limit. */
  readonly maxIdleMs: number;
  /** Called once, when the process must end and no device is working any more. */
  onSpent(reason: 'jobs' | 'idle'): void;
}

export function createAllowance({ maxJobs, maxIdleMs, onSpent }: AllowanceOptions): Allowance {
  let worked = 0;
  let open = 0;
  let working = 0;
  let lastWorkAt = performance.now();
  let reason: 'jobs' | 'idle' | null = null;
  let isTold = false;

  const review = () => {
    if (maxJobs > 0 && worked >= maxJobs) reason ??= 'jobs';
    if (maxIdleMs > 0 && working === 0 && performance.now() - lastWorkAt >= maxIdleMs) reason ??= 'idle';
    if (reason === null || open > 0 || isTold) return;
    isTold = true;
    onSpent(reason);
  };
  const clock = maxIdleMs > 0 ? setInterval(review, Math.min(maxIdleMs / 4, 1000)) : undefined;
  clock?.unref();

  return {
    turn() {
      if (reason !== null || (maxJobs > 0 && worked + open >= maxJobs)) return null;
      open += 1;
      let hasBegun = false;
      return {
        begin() {
          hasBegun = true;
          working += 1;
        },
        end(hasWorked) {
          open -= 1;
          if (hasBegun) {
            working -= 1;
            lastWorkAt = performance.now();
          }
          if (hasWorked) worked += 1;
          review();
        },
      };
    },
    stop: () => clearInterval(clock),
  };
}
