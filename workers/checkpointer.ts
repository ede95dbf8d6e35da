/**
 * Decides when a run is checkpointed: one write at a time, concurrently with the run, at intervals that depend on time and size.
 *
 *   the next write begins   max(checkpointMs, bytes / bytesPerSecond)   after the end of the last one
 */
import type { RunControl } from '../src/engine/run.ts';

export interface CheckpointerOptions {
  readonly checkpointMs: number;
  readonly bytesPerSecond: number;
  /** Stores a state and returns its size in bytes. */
  write(state: unknown): Promise<number>;
  /** Called for a checkpoint that could not be stored, which does not end the run. */
  onError(error: unknown): void;
}

export interface Checkpointer extends Pick<RunControl, 'saveState'> {
  /** Stores the current state, unless it has been stored, and waits until it is written. */
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
