/**
 * When a run is checkpointed: one write at a time, while the run goes on, and never more often than time and size allow.
 *
 *   the next write begins   max(checkpointMs, bytes / bytesPerSecond)   after the end of the last one
 */
import type { RunControl } from '../src/engine/run.ts';

export interface CheckpointerOptions {
  readonly checkpointMs: number;
  readonly bytesPerSecond: number;
  /** Stores a state; the bytes that it took. */
  write(state: unknown): Promise<number>;
  /** A checkpoint that could not be stored costs no run. */
  onError(error: unknown): void;
}

export interface Checkpointer extends Pick<RunControl, 'saveState'> {
  /** Stores the state as it is now, unless it is stored already, and waits for it. */
  settle(): Promise<void>;
}

export function createCheckpointer({
  checkpointMs,
  bytesPerSecond,
  write,
  onError,
}: CheckpointerOptions): Checkpointer {
  let current: (() => unknown) | null = null;
  let writing: Promise<void> | null = null;
  let notBefore = performance.now() + checkpointMs;

  const begin = () => {
    if (current === null) return;
    const state = current();
    current = null;
    writing = write(state)
      .then(
        (bytes) => Math.max(checkpointMs, (bytes / bytesPerSecond) * 1000),
        (error: unknown) => {
          onError(error);
          return checkpointMs;
        },
      )
      .then((pauseMs) => {
        writing = null;
        notBefore = performance.now() + pauseMs;
      });
  };

  return {
    saveState(state) {
      current = state;
      if (writing === null && performance.now() >= notBefore) begin();
    },
    async settle() {
      await writing;
      begin();
      await writing;
    },
  };
}
