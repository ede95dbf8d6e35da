/** What a run tells while it iterates: progress about ten times a second, checkpoints now and then, the last of both always. */

import type { IterationMetrics, RunControl } from '../src/engine/run.ts';
import { AppError } from '../src/errors.ts';
import type { FromChild, HistoryLine } from './messages.ts';

export interface JournalOptions {
  readonly checkpointMs: number;
  readonly progressMs?: number;
}

export interface Journal extends Pick<RunControl, 'onIteration' | 'saveState'> {
  /** An iteration that belongs to no checkpoint: of the training after an initialisation. */
  onTraining(metrics: IterationMetrics): void;
  /** Tells the progress that was held back. */
  flush(): void;
  /** Writes a checkpoint of the last iteration, unless there is one. */
  checkpoint(): void;
}

const watched = ['loss', 'gradientNorm', 'steppedLoss', 'objective'] as const;

/** JSON has no NaN: a number that is none ends the run instead of travelling as null. */
function assertFinite(metrics: IterationMetrics): void {
  for (const name of watched) {
    const value = metrics[name];
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new AppError('DIVERGED', `iteration ${metrics.iteration}: ${name} is ${value}`, {
        details: { quantity: name, iteration: metrics.iteration },
      });
    }
  }
}

function toLine({ scaleGradients: _, scales: __, ...line }: IterationMetrics): HistoryLine {
  return line;
}

export function createJournal(
  send: (message: FromChild) => void,
  { checkpointMs, progressMs = 100 }: JournalOptions,
): Journal {
  let pending: HistoryLine | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  let state: (() => unknown) | null = null;
  let savedAt = performance.now();
  /** Iterations since the last checkpoint. */
  let lines: HistoryLine[] = [];
  /** The first iteration of a process builds graphs: it says nothing about the others. */
  let timed = { iterations: -1, seconds: 0 };

  const flush = () => {
    if (pending === null) return;
    send({
      type: 'progress',
      line: pending,
      secondsPerIteration: timed.iterations > 0 ? timed.seconds / timed.iterations : null,
    });
    pending = null;
    toldAt = performance.now();
  };

  const checkpoint = () => {
    const last = lines.at(-1);
    if (state === null || last === undefined) return;
    send({ type: 'checkpoint', iteration: last.iteration + 1, state: state(), history: lines });
    lines = [];
    savedAt = performance.now();
  };

  const tell = (metrics: IterationMetrics) => {
    assertFinite(metrics);
    timed = { iterations: timed.iterations + 1, seconds: timed.iterations < 0 ? 0 : timed.seconds + metrics.seconds };
    pending = toLine(metrics);
    const last = metrics.iteration + 1 >= metrics.iterations;
    if (last || performance.now() - toldAt >= progressMs) flush();
  };

  return {
    flush,
    checkpoint,
    onTraining: tell,
    onIteration(metrics) {
      tell(metrics);
      lines.push(toLine(metrics));
    },
    saveState(current) {
      state = current;
      if (performance.now() - savedAt >= checkpointMs) checkpoint();
    },
  };
}
